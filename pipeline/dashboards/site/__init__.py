"""The pages that this project draws itself: Jinja templates over selected rows.

`reading` selects rows with charts/pages/queries, `formats` and `drawings` show them,
`changes` compares two builds, `downloads` has files for a spreadsheet, `reports` those
of the gates, `contents` has what each page shows, `accounts` what an account's page
does, `pages` renders them, `writing` into a folder, `served` one by one.
"""
