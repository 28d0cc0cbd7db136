"""Tables of what is offered and who comes: venues, instructors, classes, courses, attendances, strikes."""

from __future__ import annotations

from typing import Final

from . import fill, statements
from .reference import documents
from .schema import Entity, entity

_VISITS: Final = (
    "SELECT count(*) FROM attendances AS v INDEXED BY attendances_of_event WHERE v.event_id = {id}"
)
_WEEKDAY: Final = statements.weekday("{local_start}")
_TIMELINE: Final = "FROM registration_timelines AS g WHERE g.id % 9 = {id} % 9"
_STARTS: Final = {
    "local_starts_at": "text: {local_start}",
    "start_time": "clock: substr({local_start}, 12, 5)",
    "day_of_week": f"text: {_WEEKDAY}",
    "weekday": f"text: {_WEEKDAY}",
    "instructors_ids": "json: json_array({instructor_id}, {second_id})",
    "instructors": """json: CASE WHEN {second.id} IS NULL
        THEN json_array(json_object('id', {instructor.id}, 'name', {instructor.name}))
        ELSE json_array(json_object('id', {instructor.id}, 'name', {instructor.name}),
            json_object('id', {second.id}, 'name', {second.name})) END""",
}

TIMETABLE: Final[tuple[Entity, ...]] = (
    entity(
        "venues",
        "name text, timezone text, doc json",
        documents("venues"),
        derived={
            "status": "text: CASE json_extract({doc}, '$.archived') WHEN 1 THEN 'archived' ELSE 'active' END"
        },
        collections={"venue_rooms": "venue_rooms.venue"},
    ),
    entity(
        "instructors",
        "name text, picture_url text, doc json",
        documents("instructors"),
        derived={"thumbnail_url": "text: {picture_url}"},
    ),
    entity(
        "offering_types",
        "name text, category -> offering_type_categories, doc json",
        documents("offering_types"),
        derived={
            "max_allowed_age": "key: json_extract({doc}, '$.max_allowed_age')",
            "min_allowed_age": "key: json_extract({doc}, '$.min_allowed_age')",
            "memberships_count": """key: (SELECT count(*) FROM membership_offerings AS p
                WHERE p.offering_type_id = {id})""",
            "memberships_summary_description": "text: 'Included in ' || {memberships_count} || ' memberships'",
        },
        collections={
            "instructors": "instructors",
            "memberships": "membership_offerings.offering_type -> membership",
        },
    ),
    entity("registration_timelines", "name text, audience_type text", documents("registration_timelines")),
    entity(
        "recurring_reservations",
        "customer -> customers, offering_type -> offering_types, weekday text",
        statements.recurring_reservations,
    ),
    entity("booking_sources", "name text", documents("booking_sources")),
    entity("pay_rates", "name text, type text, base text, pence number, tiers json", documents("pay_rates")),
    entity("venue_rooms", "venue -> venues, status text, doc json", documents("rooms")),
    entity("offering_type_categories", "name text, doc json", documents("categories")),
    entity(
        "courses",
        "offering_type -> offering_types, published flag, name text, doc json",
        fill.courses,
        collections={"course_sessions": "course_sessions.course"},
    ),
    entity(
        "events",
        """name text, type text, starts_at moment, ends_at moment, local_start text, offering_type ->
        offering_types, venue -> venues, instructor -> instructors, second -> instructors, max_occupancy key,
        updated_at moment, status text""",
        fill.events,
        derived={
            **_STARTS,
            "is_appointment": "flag: {type} = 'appointment'",
            "schedule_type": "text: {type}",
            "duration_minutes": "key: ({ends_at} - {starts_at}) / 60000",
            "attendance_count": f"key: ({_VISITS} AND v.status = 'attended')",
            "late_cancel_count": f"key: ({_VISITS} AND v.status = 'late_cancelled')",
            "no_show_count": f"key: ({_VISITS} AND v.status = 'no_show')",
            "attending_count": f"key: ({_VISITS} AND v.status != 'late_cancelled')",
            "waiting_count": "key: 0 + 0",
            "waitlist_count": "key: 0 + 0",
            "small_session_attendances": """json: (SELECT json_group_array(v.id) FROM attendances AS v INDEXED BY
                attendances_of_event WHERE v.event_id = {id})""",
            "timeline": f"key: coalesce((SELECT min(g.id) {_TIMELINE}), {{offering_type_id}} + 70000)",
            "overriden_registration_timelines": f"""json: (SELECT json_group_array(json_object('id', g.id,
                'name', g.name, 'audience_type', g.audience_type, 'thumbnail', NULL)) {_TIMELINE})""",
            "venue_room": """key: (SELECT CASE {id} % 2 WHEN 0 THEN min(r.id) ELSE max(r.id) END FROM venue_rooms AS r
                WHERE r.venue_id = {venue_id})""",
            "waitlist_max_override": "key: NULL",
            "registrations_open_at": "moment: {starts_at} - 1209600000",
            "registrations_close_at": "moment: {starts_at}",
            "late_cancel_deadline": "moment: {starts_at} - 43200000",
            "customer_url": "text: 'https://goteamup.com/c/events/' || {id}",
            "provider_url": "text: 'https://goteamup.com/p/events/' || {id}",
        },
    ),
    entity(
        "attendances",
        """updated_at moment, customer -> customers, event -> events, booking_method text, customer_membership ->
        customer_memberships, membership -> memberships, booking_source -> booking_sources, status text,
        checkin_at moment, is_first_attendance flag""",
        statements.attendances,
        derived={"checkin.ocurred_at": "moment: {checkin_at}"},
    ),
    entity(
        "attendance_strikes",
        """customer -> customers, event -> events, membership -> memberships, attendance_status text, status text,
        applies_to text, penalty_id key""",
        statements.strikes,
        derived={
            "attendance.status": "text: {attendance_status}",
            "rule.applies_to": "text: {applies_to}",
            "rule.max_infractions": "key: CASE {applies_to} WHEN 'late_cancels_or_no_shows' THEN 3 ELSE 2 END",
            "rule.days": "key: 0 + 30",
            "rule.system.id": "key: CASE WHEN {applies_to} IS NOT NULL THEN {membership_id} / 1000 * 1000 + 950 END",
            "rule.system.name": "text: CASE WHEN {rule.system.id} IS NOT NULL THEN 'House rules' END",
            "sequence_position": "key: CASE {status} WHEN 'in_penalty_sequence' THEN 1 WHEN 'charged' THEN 2 END",
            "penalty.id": "key: {penalty_id}",
            "penalty.charge.amount": "pence: CASE WHEN {penalty_id} IS NOT NULL THEN 500 END",
            "penalty.charge.due_date": """day: CASE WHEN {penalty_id} IS NOT NULL
                THEN date({event.starts_at} / 1000, 'unixepoch', '+7 days') END""",
        },
    ),
    entity(
        "course_sessions",
        """name text, starts_at moment, ends_at moment, local_start text, status text, waitlist_count key, max_occupancy
        key, venue -> venues, course -> courses, offering_type -> offering_types, instructor -> instructors, second ->
        instructors""",
        fill.course_sessions,
        derived={
            **_STARTS,
            "attending_count": """key: (SELECT count(*) FROM course_session_attendances AS v INDEXED BY
                pupils_of_session
                WHERE v.course_session_id = {id})""",
            "customer_url": "text: 'https://goteamup.com/c/course_sessions/' || {id}",
            "provider_url": "text: 'https://goteamup.com/p/course_sessions/' || {id}",
        },
    ),
    entity(
        "course_session_attendances",
        """customer -> customers, course_session -> course_sessions, booking_method text, customer_membership ->
        customer_memberships, membership -> memberships, is_makeup flag, status text""",
        statements.course_session_attendances,
        derived={
            "course_series.id": "key: {course_session.course.id}",
            "course_series.name": "text: {course_session.course.name}",
        },
    ),
    entity(
        "instructed_sessions",
        """session_type text, name text, offering_type -> offering_types, instructor -> instructors, starts_at
        moment, hours number, venue -> venues, max_occupancy key, attended_count key, no_show_count key,
        late_cancel_count key, comped_attended key, pay_rate -> pay_rates, pay pence, pay_pending flag""",
        statements.instructed_sessions,
        derived={
            "venue_timezone": "text: {venue.timezone}",
            "comped_counts.attended": "key: {comped_attended}",
            "instructor_pay": "pence: {pay}",
            "instructor_pay_calculation_pending": "flag: {pay_pending}",
        },
    ),
)
