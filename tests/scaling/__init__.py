"""What many processes on one database do: `make scaling`, `make reliability`."""
