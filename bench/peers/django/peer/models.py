"""Our own tables, as Django sees them."""

from django.db import models


class Party(models.Model):
    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    title = models.TextField()
    region = models.BigIntegerField()
    category = models.TextField()
    seats = models.IntegerField()
    taken = models.IntegerField()
    deadline_at = models.BigIntegerField()
    state = models.TextField()
    soon_key = models.BigIntegerField()
    ended = models.IntegerField()

    class Meta:
        managed = False
        db_table = "parties"


class Meal(models.Model):
    party = models.OneToOneField(Party, primary_key=True, on_delete=models.CASCADE, related_name="meal")
    shop = models.TextField()
    pickup = models.TextField()
    fee = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "meals"
