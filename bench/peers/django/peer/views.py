"""The list of open orders in a 동: as a page and as JSON."""

import os
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Party

AFTER_DEADLINE = 12 * 3_600_000
PAGE_SIZE = 10
COUNTED = 1_001
SEOUL = ZoneInfo("Asia/Seoul")
CATEGORIES = {
    "jokbal": "족발,보쌈", "stew": "찜,탕,찌개", "japanese": "돈까스,회,일식", "pizza": "피자", "grill": "고기구이",
    "western": "양식", "chicken": "치킨", "chinese": "중식", "asian": "아시안", "korean": "백반,죽,국수",
    "dosirak": "도시락", "bunsik": "분식", "cafe": "카페,디저트", "fastfood": "패스트푸드",
}  # fmt: skip
# What stands around the orders of our own page.
FRAME = Path(os.environ["PEER_FRAME"]) if "PEER_FRAME" in os.environ else None
HEAD, TAIL = [(FRAME / name).read_text() for name in ("head.html", "tail.html")] if FRAME else ("", "")


def listed(region):
    now = int(time.time() * 1_000)
    parties = Party.objects.filter(kind="meal", region=region, ended=0, deadline_at__gt=now - AFTER_DEADLINE)
    parties = parties.exclude(state="cancelled").order_by("soon_key", "id")
    return now, parties[:COUNTED].count(), parties.select_related("meal")[:PAGE_SIZE]


def card(party):
    return {
        "id": party.id,
        "title": party.title,
        "icon": party.category,
        "category": CATEGORIES[party.category],
        "shop": party.meal.shop,
        "pickup": party.meal.pickup,
        "deadline": datetime.fromtimestamp(party.deadline_at / 1_000, SEOUL),
        "seats": party.seats,
        "taken": party.taken,
        "dots": ["in" if n < party.taken else "you" if n == party.taken else "" for n in range(party.seats)],
        "each_now": party.meal.fee // max(party.taken, 1),
        "each_full": party.meal.fee // party.seats,
    }


def meals(request):
    _, total, parties = listed(int(request.GET["region"]))
    return render(request, "list.html", {"head": HEAD, "tail": TAIL, "total": total, "cards": [card(party) for party in parties]})


class OrderSerializer(serializers.ModelSerializer):
    shop = serializers.CharField(source="meal.shop")
    pickup = serializers.CharField(source="meal.pickup")
    fee = serializers.IntegerField(source="meal.fee")
    deadline = serializers.IntegerField(source="deadline_at")

    class Meta:
        model = Party
        fields = ["id", "title", "category", "shop", "pickup", "state", "deadline", "seats", "taken", "fee"]


class Meals(APIView):
    def get(self, request):
        region = int(request.query_params["region"])
        now, total, parties = listed(region)
        return Response({"now": now, "region": region, "total": total, "rows": OrderSerializer(parties, many=True).data})


def ready(request):
    return HttpResponse("ready")
