"""The same work through several processes: Celery on RabbitMQ wakes them, the ledger tells them what to do.

A message is a tick: it names a target and nothing else. One that is lost is made up for by the sweeper, one that comes
twice finds nothing to claim. The only package that knows Celery.
"""
