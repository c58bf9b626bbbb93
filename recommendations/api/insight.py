"""The figures that staff see, for a shop's own systems: reports, spreadsheets, dashboards."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictIntegerField, StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.choices import Placement, TokenScope
from recommendations.services.insight.figures import Unit
from recommendations.services.insight.readiness import (
    Need,
    PlacementReadiness,
    check_placements,
)
from recommendations.services.insight.report import WINDOWS, Report, Value, read_report
from recommendations.services.insight.tables import OF_LISTS


class WindowField(StrictIntegerField):
    """The length of a window in days."""

    def to_internal_value(self, data: Any) -> int:
        """Return the length; it is one of `WINDOWS`."""
        days = super().to_internal_value(data)
        if days not in WINDOWS:
            lengths = ", ".join(map(str, WINDOWS))
            raise serializers.ValidationError(f"Choose one of {lengths} days.", "invalid_choice")
        return days


class WindowQuerySerializer(StrictSerializer):
    """How many days, the last of which is today: 1, 7, 30 or 90."""

    days = WindowField(default=30, max_value=max(WINDOWS))


class ListsQuerySerializer(WindowQuerySerializer):
    """The window, and what lists are told apart by."""

    by = serializers.ChoiceField(choices=[*OF_LISTS], default="placement")


class ValueSerializer(serializers.Serializer[Value]):
    """A number, null where nobody can know it, with the ends of its 95 % interval if it has one."""

    value = serializers.FloatField(source="number", allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ReadingSerializer(serializers.Serializer[Any]):
    """A figure in the window and in the window before; amounts are in the shop's currency."""

    name = serializers.CharField(source="figure.name")
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit], source="figure.unit")
    title = serializers.CharField(source="figure.title.en")
    definition = serializers.CharField(source="figure.sentence.en")
    now = ValueSerializer()
    before = ValueSerializer()


class WindowSerializer(serializers.Serializer[Report]):
    """The days of a report, in the time zone of the shop; `counted_at` is null before any count."""

    first_day = serializers.DateField(source="window.first")
    last_day = serializers.DateField(source="window.last")
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    attribution_days = serializers.IntegerField()
    counted_at = serializers.DateTimeField(allow_null=True)


class FiguresSerializer(WindowSerializer):
    """The figures of the whole shop."""

    figures = ReadingSerializer(many=True)


class ListFiguresSerializer(serializers.Serializer[Any]):
    """The figures of one placement, list or source."""

    name = serializers.CharField()
    figures = ReadingSerializer(many=True)


class ListsSerializer(WindowSerializer):
    """The figures of lists, the most frequent first."""

    by = serializers.ChoiceField(choices=[*OF_LISTS])
    lists = ListFiguresSerializer(many=True)


class DayFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a day, by name."""

    day = serializers.DateField()
    figures = serializers.DictField(child=serializers.FloatField())


class DaysSerializer(WindowSerializer):
    """The figures of each day, oldest first."""

    days = DayFiguresSerializer(many=True)


class NeedSerializer(serializers.Serializer[Need]):
    """What lists need: how much there is, how much is enough, and what shows until then."""

    name = serializers.CharField()
    title = serializers.CharField(source="title.en")
    has = serializers.IntegerField()
    needs = serializers.IntegerField()
    is_met = serializers.BooleanField()
    until_then = serializers.CharField(source="until_then.en")
    to_do = serializers.CharField(source="to_do.en")


class PlacementReadinessSerializer(serializers.Serializer[PlacementReadiness]):
    """A placement: its needs, and how many of its lists of the last week the model made."""

    placement = serializers.ChoiceField(choices=[each.value for each in Placement])
    is_ready = serializers.BooleanField()
    lists = serializers.IntegerField()
    model_lists = serializers.IntegerField()
    needs = NeedSerializer(many=True)


class ReadinessSerializer(serializers.Serializer[Any]):
    """The readiness of every placement."""

    placements = PlacementReadinessSerializer(many=True)


class InsightRoute(Route):
    """A route that reads figures; shoppers and visitors never may."""

    policy = Policy(Access.SERVER, scope=TokenScope.INSIGHT_READ)


class FiguresRoute(InsightRoute):
    """The figures of the whole shop."""

    query_serializer = WindowQuerySerializer

    @extend_schema(operation_id="get_figures", tags=["insight"], responses=FiguresSerializer)
    def get(self, request: Request) -> Response:
        """Return each figure in the window and in the window before, with its definition."""
        report = read_report(self.query["days"])
        figures = ReadingSerializer(report.shop.values(), many=True).data
        return Response({**WindowSerializer(report).data, "figures": figures})


class ListFiguresRoute(InsightRoute):
    """The figures of lists."""

    query_serializer = ListsQuerySerializer

    @extend_schema(operation_id="get_list_figures", tags=["insight"], responses=ListsSerializer)
    def get(self, request: Request) -> Response:
        """Return what lists earned, by placement, list or source."""
        report, by = read_report(self.query["days"]), self.query["by"]
        lists = [
            {"name": name, "figures": readings.values()}
            for name, readings in report.lists[OF_LISTS[by]].items()
        ]
        window = WindowSerializer(report).data
        told = ListFiguresSerializer(lists, many=True).data
        return Response({**window, "by": by, "lists": told})


class DayFiguresRoute(InsightRoute):
    """The figures of each day."""

    query_serializer = WindowQuerySerializer

    @extend_schema(operation_id="get_day_figures", tags=["insight"], responses=DaysSerializer)
    def get(self, request: Request) -> Response:
        """Return the figures of each day of the window, oldest first."""
        report = read_report(self.query["days"])
        days = [
            {"day": day, "figures": {name: value.number for name, value in values.items()}}
            for day, values in report.by_day.items()
        ]
        window = WindowSerializer(report).data
        return Response({**window, "days": DayFiguresSerializer(days, many=True).data})


class ReadinessRoute(InsightRoute):
    """The readiness of every placement."""

    @extend_schema(operation_id="get_readiness", tags=["insight"], responses=ReadinessSerializer)
    def get(self, request: Request) -> Response:
        """Return what each placement still needs before its lists are personal."""
        return Response(ReadinessSerializer({"placements": check_placements()}).data)
