"""Where units are run: processes of this machine, or a cluster, behind `concurrent.futures.Executor`."""
