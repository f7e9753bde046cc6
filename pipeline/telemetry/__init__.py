"""What operators see of the pipeline while it runs: log events, metrics, spans. Decides nothing, delivers nothing."""
