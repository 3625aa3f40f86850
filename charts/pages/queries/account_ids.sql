-- Every account.
select account_id from marts.customer_360 order by account_id
