"""Work for the queue; Celery finds the tasks here."""

from recommendations.tasks.training import retrain, retrain_when_due

__all__ = ["retrain", "retrain_when_due"]
