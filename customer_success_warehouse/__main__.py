"""`python -m customer_success_warehouse` is the command, too."""

from customer_success_warehouse.command import main

if __name__ == "__main__":
    main()
