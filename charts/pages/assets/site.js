// Filters, "show all" and the choices of a page. Everything works on rows that are in the
// page; nothing is asked of a server. A choice is kept in the address, so that it can be sent.
(function () {
  "use strict";
  var MOST = 20;
  var address = new URLSearchParams(location.search);

  function keep(name, value, usual) {
    var now = new URLSearchParams(location.search);
    if (value === (usual || "")) now.delete(name); else now.set(name, value);
    var text = now.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname.split("/").pop() || "/") + location.hash);
  }

  function choose(select) {
    var usual = select.dataset.default || "";
    var wanted = address.has(select.name) ? address.get(select.name) : usual;
    var there = Array.prototype.some.call(select.options, function (o) { return o.value === wanted; });
    select.value = there ? wanted : usual;
  }

  // -- lists: filtered, and cut at twenty rows ------------------------------------------
  var forms = Array.prototype.slice.call(document.querySelectorAll("form[data-filters]"));
  var selects = Array.prototype.slice.call(document.querySelectorAll("form[data-filters] select"));
  // What is not a row, and shown for some choices only: tiles of a month, charts of a period.
  var choices = Array.prototype.slice.call(document.querySelectorAll("[data-choice]"));
  var lists = Array.prototype.map.call(document.querySelectorAll("[data-more]"), function (button) {
    var table = button.previousElementSibling;
    while (table && table.tagName !== "TABLE") table = table.previousElementSibling;
    return { button: button, rows: table ? Array.prototype.slice.call(table.tBodies[0].rows) : [], all: false };
  });
  // Of several forms, the one above the first list says how many rows there are.
  var form = forms.filter(function (f) {
    return !lists.length || f.compareDocumentPosition(lists[0].button) & Node.DOCUMENT_POSITION_FOLLOWING;
  }).pop();

  function matches(row) {
    return selects.every(function (select) {
      return !select.value || row.dataset[key(select.name)] === undefined ||
        row.dataset[key(select.name)] === select.value;
    });
  }
  function key(name) { return name.replace(/-([a-z])/g, function (_, c) { return c.toUpperCase(); }); }

  function show() {
    choices.forEach(function (element) { element.hidden = !matches(element); });
    lists.forEach(function (list, i) {
      var found = list.rows.filter(matches);
      list.rows.forEach(function (row) { row.hidden = true; });
      found.slice(0, list.all ? undefined : MOST).forEach(function (row) { row.hidden = false; });
      list.button.hidden = list.all || found.length <= MOST;
      list.button.textContent = "Show all " + found.length;
      var count = i === 0 && form && form.querySelector("[data-count]");
      if (count) count.textContent = found.length + " of " + list.rows.length;
    });
  }
  lists.forEach(function (list) {
    list.button.addEventListener("click", function () { list.all = true; show(); });
  });
  selects.forEach(function (select) {
    choose(select);
    select.addEventListener("change", function () { keep(select.name, select.value, select.dataset.default); address = new URLSearchParams(location.search); show(); });
  });
  forms.forEach(function (f) { f.addEventListener("submit", function (event) { event.preventDefault(); }); });
  if (lists.length || choices.length) show();
  // A printed list is whole.
  addEventListener("beforeprint", function () { lists.forEach(function (l) { l.was = l.all; l.all = true; }); show(); });
  addEventListener("afterprint", function () { lists.forEach(function (l) { l.all = l.was; }); show(); });

  // -- cohorts: customers or MRR --------------------------------------------------------
  var buttons = Array.prototype.slice.call(document.querySelectorAll("[data-switch]"));
  function turn(kind) {
    buttons.forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.switch === kind)); });
    document.querySelectorAll("[data-panel]").forEach(function (p) { p.hidden = p.dataset.panel !== kind; });
  }
  if (buttons.length) {
    turn(address.get("of") === "mrr" ? "mrr" : "customers");
    buttons.forEach(function (b) {
      b.addEventListener("click", function () { keep("of", b.dataset.switch, "customers"); turn(b.dataset.switch); });
    });
  }

  // -- segments -------------------------------------------------------------------------
  var source = document.getElementById("segments-data");
  if (!source) return;
  var data = JSON.parse(source.textContent);
  var chooser = document.querySelector("form[data-segments]");
  var output = document.querySelector("[data-segments-output]");
  var METRIC = 0, TYPE = 1, VALUE = 2, MONTH = 3, RATE = 4, LOWER = 5, UPPER = 6, BASE = 7, SMALL = 8;

  function fill(select, options, usual) {
    options.forEach(function (option) {
      var made = document.createElement("option");
      made.value = option.key; made.textContent = option.label;
      select.appendChild(made);
    });
    select.dataset.default = usual;
    choose(select);
    if (!select.value) select.value = usual;
    select.addEventListener("change", function () { keep(select.name, select.value, usual); draw(); });
  }
  function has(list, wanted) { return list.some(function (x) { return x.key === wanted; }) ? wanted : list[0].key; }
  var months = data.months.map(function (m) { return { key: m, label: m }; }).reverse();
  fill(chooser.metric, data.metrics, has(data.metrics, "churn_rate"));
  fill(chooser.by, data.types, has(data.types, "plan"));
  fill(chooser.month, months, months[0].key);
  chooser.addEventListener("submit", function (event) { event.preventDefault(); });

  function shown(value, unit) {
    if (value === null) return "—";
    var text = unit === "ratio" ? (100 * value).toFixed(1) + "%"
      : value.toLocaleString("en-US", { minimumFractionDigits: unit === "points" ? 1 : 0, maximumFractionDigits: unit === "points" ? 1 : 0 });
    return text.replace("-", "\u2212");
  }
  function element(name, text, style) {
    var made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (style) made.className = style;
    return made;
  }
  function index(list, wanted) { return list.map(function (x) { return x.key || x; }).indexOf(wanted); }

  function draw() {
    var metric = index(data.metrics, chooser.metric.value);
    var type = index(data.types, chooser.by.value);
    var month = data.months.indexOf(chooser.month.value);
    var unit = data.metrics[metric].unit;
    var of = data.rows.filter(function (r) { return r[METRIC] === metric && r[TYPE] === type; });
    var rows = of.filter(function (r) { return r[MONTH] === month; });
    rows.sort(function (a, b) { return (b[BASE] || 0) - (a[BASE] || 0); });
    output.textContent = "";
    if (!rows.length) { output.appendChild(element("p", "No segment has this metric in that month.", "nothing")); return; }
    var values = [];
    rows.forEach(function (r) { [r[RATE], r[LOWER], r[UPPER]].forEach(function (v) { if (v !== null) values.push(v); }); });
    var low = Math.min.apply(null, values.concat(0)), high = Math.max.apply(null, values.concat(0));
    var place = function (v) { return 100 * (v - low) / ((high - low) || 1); };
    var table = element("table", undefined, "cards-on-phone");
    table.dataset.table = "segments";
    var head = table.createTHead().insertRow();
    ["Segment", "Value", "95% interval", "", "Base", "By month"].forEach(function (label, i) {
      var cell = element("th", label, i === 1 || i === 2 || i === 4 ? "n" : "");
      cell.scope = "col";
      head.appendChild(label ? cell : element("td"));
    });
    var body = table.createTBody();
    rows.forEach(function (r) {
      var row = body.insertRow();
      function cell(label, text, style) {
        var made = row.insertCell(); made.dataset.label = label;
        if (text !== undefined) made.textContent = text;
        if (style) made.className = style;
        return made;
      }
      var first = cell("Segment", data.values[r[VALUE]].replace(/_/g, " "));
      if (r[SMALL]) { first.appendChild(document.createTextNode(" ")); first.appendChild(element("span", "small sample", "small")); }
      cell("Value", shown(r[RATE], unit), "n");
      cell("95% interval", r[LOWER] === null ? "—" : shown(r[LOWER], unit) + " to " + shown(r[UPPER], unit), "n");
      var drawn = element("div", undefined, "interval");
      if (r[LOWER] !== null) {
        var line = element("i");
        line.style.left = place(r[LOWER]) + "%"; line.style.width = place(r[UPPER]) - place(r[LOWER]) + "%";
        drawn.appendChild(line);
      }
      if (r[RATE] !== null) { var dot = element("b"); dot.style.left = place(r[RATE]) + "%"; drawn.appendChild(dot); }
      drawn.setAttribute("aria-hidden", "true");
      cell("").appendChild(drawn);
      cell("Base", r[BASE] === null ? "—" : r[BASE].toLocaleString("en-US"), "n");
      cell("By month").appendChild(spark(of.filter(function (o) { return o[VALUE] === r[VALUE]; }), data.values[r[VALUE]]));
    });
    output.appendChild(table);
  }
  function spark(rows, label) {
    var known = rows.filter(function (r) { return r[RATE] !== null; });
    var name = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(name, "svg");
    svg.setAttribute("class", "spark"); svg.setAttribute("viewBox", "0 0 100 24");
    svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label + " by month");
    if (known.length < 2) return svg;
    var all = known.map(function (r) { return r[RATE]; });
    var low = Math.min.apply(null, all), span = Math.max.apply(null, all) - low || 1;
    var last = data.months.length - 1 || 1;
    var path = document.createElementNS(name, "path");
    path.setAttribute("d", known.map(function (r, i) {
      return (i && known[i - 1][MONTH] === r[MONTH] - 1 ? "L" : "M") + (2 + 96 * r[MONTH] / last).toFixed(1) + "," + (22 - 20 * (r[RATE] - low) / span).toFixed(1);
    }).join(""));
    svg.appendChild(path);
    return svg;
  }
  draw();
})();
