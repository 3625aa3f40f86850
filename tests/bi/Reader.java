import java.sql.DriverManager;
import java.sql.SQLException;

/** Reads a mart as a JDBC tool does: java -cp driver.jar Reader.java URL user password. */
public class Reader {
    public static void main(String[] arguments) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
                var statement = connection.createStatement()) {
            var rows = statement.executeQuery(
                    "select date_month, churned_customers, churn_rate, mrr_at_end"
                            + " from marts.monthly_churn order by 1");
            while (rows.next()) {
                System.out.println(String.join("|", "row", rows.getDate(1).toString(),
                        rows.getString(2), rows.getString(3), rows.getString(4)));
            }
            var columns = connection.getMetaData().getColumns(null, "marts", "monthly_churn", "%");
            while (columns.next()) {
                System.out.println(String.join("|", "column", columns.getString("COLUMN_NAME"),
                        columns.getString("REMARKS")));
            }
            try {
                statement.execute("update marts.monthly_churn set churn_rate = 0");
                System.out.println("changed|");
            } catch (SQLException refused) {
                System.out.println("refused|" + refused.getSQLState());
            }
        }
    }
}
