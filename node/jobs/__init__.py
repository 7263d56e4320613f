"""What runs beside requests and commands: jobs, and the process that runs them (spec/jobs.md).

`model` and `rules` decide, `store` keeps, `kinds` do the work, `worker` runs each job in its own process.
"""
