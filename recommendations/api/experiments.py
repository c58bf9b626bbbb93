"""Experiments, for a shop's own systems: what runs, what came of it, who is in which arm."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictCharField, StrictSerializer
from recommendations.api.ids import OwnId, SessionName, ShopperIdField, ShopperReference
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.api.shoppers import OwnShoppersRoute
from recommendations.choices import ExperimentKind, ExperimentState, TokenScope, TrialMetric
from recommendations.models import Experiment, ExperimentArm
from recommendations.services.experiments.reports import list_with_reports
from recommendations.services.experiments.serving import (
    Assignment,
    list_assignments,
    record_exposure,
)
from recommendations.services.people.subjects import Subject

LONGEST_NAME = 80


class ArmSerializer(serializers.Serializer[ExperimentArm]):
    """An arm; the shares of subjects are as the weights."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    weight = serializers.FloatField()
    is_control = serializers.BooleanField()


class ExperimentSerializer(serializers.Serializer[Experiment]):
    """An experiment, and what is known of it; `report` is null before the first day is counted."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[each.value for each in ExperimentState])
    is_holdout = serializers.BooleanField()
    kind = serializers.ChoiceField(choices=[each.value for each in ExperimentKind])
    placement = serializers.CharField(allow_blank=True)
    layer = serializers.CharField()
    traffic_share = serializers.FloatField()
    primary_metric = serializers.ChoiceField(choices=[each.value for each in TrialMetric])
    started_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    needed_days = serializers.IntegerField(allow_null=True)
    needed_subjects = serializers.IntegerField(allow_null=True)
    arms = ArmSerializer(many=True)
    report = serializers.DictField(allow_null=True)


class ExperimentsSerializer(serializers.Serializer[Any]):
    """All experiments, the newest first."""

    experiments = ExperimentSerializer(many=True)


class AssignmentSerializer(serializers.Serializer[Assignment]):
    """The arm of a subject in one experiment."""

    experiment_id = serializers.IntegerField()
    experiment = serializers.CharField()
    arm_id = serializers.IntegerField()
    arm = serializers.CharField()


class AssignmentsSerializer(serializers.Serializer[Any]):
    """A shopper or visitor by all ids, and its arms in the experiments that run."""

    user_id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    session_id = serializers.CharField(allow_null=True)
    assignments = AssignmentSerializer(many=True)


class ExposureSerializer(StrictSerializer):
    """Who was served a list of which experiment, by its name."""

    user_id = ShopperIdField()
    experiment = StrictCharField(max_length=LONGEST_NAME)


class ExperimentsRoute(Route):
    """What runs, what ran, and what came of it."""

    policy = Policy(Access.SERVER, scope=TokenScope.EXPERIMENTS_READ)

    @extend_schema(
        operation_id="list_experiments", tags=["experiments"], responses=ExperimentsSerializer
    )
    def get(self, request: Request) -> Response:
        """List the experiments with their newest reports."""
        return Response(ExperimentsSerializer({"experiments": list_with_reports()}).data)


class AssignmentsRoute(OwnShoppersRoute):
    """The arms of one of a shop's own shoppers or visitors."""

    policy = Policy(Access.SERVER, scope=TokenScope.EXPERIMENTS_READ)

    @extend_schema(
        operation_id="list_assignments", tags=["experiments"], responses=AssignmentsSerializer
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Return the arms of a subject; 404 for a shopper whom the source does not know."""
        reference = self.parse_shopper(user_id)
        subject = self.find_own_subject(reference)
        answer = {
            **self.describe_subject(reference, subject),
            "assignments": list_assignments(subject),
        }
        return Response(AssignmentsSerializer(answer).data)


class ExposuresRoute(OwnShoppersRoute):
    """The first exposures of a shop's own shoppers and visitors."""

    policy = Policy(Access.SERVER, scope=TokenScope.EXPERIMENTS_WRITE)

    @extend_schema(
        operation_id="record_exposure",
        tags=["experiments"],
        request=ExposureSerializer,
        responses={200: AssignmentSerializer, 201: AssignmentSerializer},
    )
    def post(self, request: Request) -> Response:
        """Record that a subject is served by its arm; return the arm. Safe to send again.

        An unknown own id makes the shopper, as its first event does.
        """
        body = self.validate_body(ExposureSerializer)
        with transaction.atomic():
            subject = self._find_subject(body["user_id"])
            assignment, is_new = record_exposure(subject, body["experiment"])
        return Response(
            AssignmentSerializer(assignment).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )

    def _find_subject(self, reference: ShopperReference) -> Subject:
        self.caller.authorize()
        if isinstance(reference, OwnId | SessionName):
            return self.own_ids.ensure_subject(reference)
        return self.find_own_subject(reference)
