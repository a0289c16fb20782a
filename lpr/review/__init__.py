"""What a reviewer asks of a change: is dvc.lock up to date, do the metrics reproduce, what differs from base."""
