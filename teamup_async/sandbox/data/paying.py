"""Tables of how customers pay: plans, subscriptions, cards and accounts, processors."""

from __future__ import annotations

from typing import Final

from .reference import documents
from .schema import Entity, entity

PAYING: Final[tuple[Entity, ...]] = (
    entity(
        "membership_payment_plans",
        "membership -> memberships, price pence, status text",
        lambda _: (
            "SELECT id + 70 AS id, id AS membership_id, pence AS price,"
            " CASE WHEN for_sale THEN 'for_sale' ELSE 'unavailable' END AS status FROM memberships"
        ),
        derived={
            "billing_period_length": "key: CASE {membership.type} WHEN 'recurring_plan' THEN 1 END",
            "billing_period_unit": "text: CASE {membership.type} WHEN 'recurring_plan' THEN 'months' END",
            "committed_billing_periods": "key: 0 + 0",
            "fixed_billing_day_of_month": "key: NULL",
            "fixed_billing_day_of_week": "text: NULL",
            "commitment_expiration_scheme": "text: 'continue_by_period'",
            "cancellation_notice_days": "key: 0 + 0",
            "enrollment_schedule": "text: 'purchase_date'",
            "duration_description": """text: CASE {membership.type} WHEN 'recurring_plan' THEN 'Every month'
                ELSE 'Once' END""",
            "price_with_period": """text: printf('%.2f', {price} / 100.0) || CASE {membership.type}
                WHEN 'recurring_plan' THEN ' a month' ELSE '' END""",
        },
    ),
    entity(
        "payment_subscriptions",
        """plan -> membership_payment_plans, start_date day, end_date day, payment_method -> payment_methods,
        retry_count key""",
        lambda _: (
            """
        SELECT h.id + 100000 AS id, h.membership_id + 70 AS plan_id, h.start_date, h.expiration_date AS end_date,
            h.customer_id + 600000 AS payment_method_id, 0 AS retry_count
        FROM customer_memberships h JOIN memberships m ON m.id = h.membership_id WHERE m.type = 'recurring_plan'
        """
        ),
    ),
    entity(
        "payment_methods",
        "customer -> customers, type text, holder text",
        lambda _: (
            """
        SELECT id + 600000 AS id, id AS customer_id, CASE id % 3 WHEN 0 THEN 'mandate' ELSE 'credit_card' END AS
            type, name AS holder FROM customers
        """
        ),
        derived={
            "can_delete": "flag: 1",
            "profile.name": "text: {holder}",
            "long_description": "text: {short_description} || ' of ' || {holder}",
            "short_description": """text: CASE {type} WHEN 'mandate' THEN 'Account ' ELSE 'Visa ' END || 'ending in '
                || substr('0000' || {id} % 10000, -4)""",
            "bank_name": "text: CASE {type} WHEN 'mandate' THEN 'Harbour Bank' END",
            "account_holder_name": "text: CASE {type} WHEN 'mandate' THEN {holder} END",
            "account_number_ending": "text: CASE {type} WHEN 'mandate' THEN substr('0000' || {id} % 10000, -4) END",
            "cardholder_name": "text: CASE {type} WHEN 'credit_card' THEN {holder} END",
            "brand": "text: CASE {type} WHEN 'credit_card' THEN 'visa' END",
            "last_four": "text: CASE {type} WHEN 'credit_card' THEN substr('0000' || {id} % 10000, -4) END",
            "expiration_month": "key: CASE {type} WHEN 'credit_card' THEN 1 + {id} % 12 END",
            "expiration_year": "key: CASE {type} WHEN 'credit_card' THEN 2027 + {id} % 4 END",
            "email": "text: NULL",
        },
    ),
    entity("payment_processors", "name text, type key", documents("processors")),
)
