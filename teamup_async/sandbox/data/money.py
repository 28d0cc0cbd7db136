"""Tables of what is sold and paid: invoices and their line items, discount codes, credits, gift cards."""

from __future__ import annotations

from typing import Final

from .maker import Maker, pick
from .reference import documents
from .schema import Entity, entity

_LINES: Final = "FROM invoice_line_items AS l INDEXED BY items_of_invoice WHERE l.invoice_id = {id}"
_MONTH_MS: Final = 2_629_800_000


def _sum(column: str) -> str:
    return f"(SELECT coalesce(sum(l.{column}), 0) {_LINES})"


def _invoices(maker: Maker) -> str:
    """Every month of a recurring membership, every other membership, every drop-in is paid for."""
    draw = maker.draw("number", "invoice")
    codes = list(maker.studio.more["discount_codes"])
    return f"""
    WITH RECURSIVE months(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM months WHERE k < 23),
    due AS (
        SELECT h.customer_id, h.id AS customer_membership_id, NULL AS attendance_id, NULL AS pupil_id, 'membership' AS
            purchase_type, h.purchased_at + k * {_MONTH_MS} AS due_at, h.id * 24 + k AS number, NULL AS store_order_id
        FROM customer_memberships h JOIN memberships m ON m.id = h.membership_id JOIN months
        WHERE k = 0 OR (m.type = 'recurring_plan' AND h.purchased_at + k * {_MONTH_MS}
            < coalesce(h.cancelled_at, h.completed_at, {maker.present} + 1209600000))
        UNION ALL
        SELECT a.customer_id, NULL, a.id, NULL, 'class', min(e.starts_at, {maker.present}) - 3600000, a.id * 24 + 1,
            NULL
        FROM attendances a JOIN events e ON e.id = a.event_id WHERE a.booking_method = 'dropin'
        UNION ALL
        SELECT p.customer_id, NULL, NULL, p.id,
            CASE p.booking_method WHEN 'course_dropin' THEN 'course' ELSE 'course_session' END,
            min(s.starts_at, {maker.present}) - 7200000, p.id * 24 + 2, NULL
        FROM course_session_attendances p JOIN course_sessions s ON s.id = p.course_session_id
        WHERE p.booking_method != 'membership'
        UNION ALL
        SELECT o.customer_id, NULL, NULL, NULL, 'store_order', o.ordered_at, o.id * 24 + 3, o.id FROM store_orders o
    ),
    drawn AS (
        SELECT *, {draw} AS draw, {maker.ids_from(7_100_009, "due_at, number")} AS id FROM due
    ),
    settled AS (
        SELECT *, CASE WHEN due_at > {maker.present} THEN 'upcoming'
            WHEN draw % 100 < 91 THEN 'paid' WHEN due_at < {maker.present} - 3024000000
                THEN {pick(["paid", "voided", "paid", "retry_failed", "skipped"], "draw / 100")}
            ELSE {pick(["open", "pending_offline", "pending_online", "failed", "retrying"], "draw / 100")} END AS status
        FROM drawn
    )
    SELECT id, customer_id, customer_membership_id, attendance_id, pupil_id AS course_session_attendance_id,
        store_order_id, purchase_type, 'INV-' || id AS number, status, date(due_at / 1000, 'unixepoch') AS due_date,
        min(due_at, {maker.present}) - 60000 AS created_at,
        CASE WHEN status NOT IN ('upcoming', 'open') THEN min(due_at, {maker.present} - 1) END AS confirmed_at,
        CASE WHEN status = 'paid' THEN min(due_at + draw % 172800000, {maker.present} - 1) END AS paid_at,
        CASE WHEN status = 'paid' THEN min(due_at + draw % 172800000, {maker.present} - 1)
            ELSE min(due_at, {maker.present}) END AS updated_at,
        0 AS is_credit_note,
        CASE WHEN draw / 500 % 9 = 0 THEN {pick(codes, "draw / 4500")} END AS discount_code_id,
        CASE WHEN status != 'upcoming' THEN {pick([*maker.studio.more["processors"], None], "draw / 700")} END
            AS payment_processor_id,
        CASE WHEN status = 'paid' AND draw / 900 % 3 > 0 THEN strftime('%Y-%m', due_at / 1000, 'unixepoch') END AS
            payout
    FROM settled
    """


def _line_items(maker: Maker) -> str:
    """What was bought, and a fee on every fifth invoice; discounts are a tenth, taxes a fifth. Only what was paid is
    refunded, whole.
    """
    draw = maker.draw("i.id", "item")
    discount = "CASE WHEN discount_code_id IS NOT NULL THEN amount / 10 ELSE 0 END"
    tax = "CASE WHEN draw % 4 = 0 THEN amount / 5 ELSE 0 END"
    return f"""
    WITH bought AS (
        SELECT i.id AS invoice_id, i.id * 2 AS number, {draw} AS draw, i.discount_code_id, i.status,
            coalesce((SELECT -sum(g.amount) FROM customer_credits AS g INDEXED BY credits_of_invoice
                WHERE g.invoice_id = i.id), 0) AS credit_amount,
            CASE i.purchase_type WHEN 'membership' THEN CASE m.type WHEN 'pack' THEN 'pack_membership' WHEN
                'prepaid_plan'
                THEN 'prepaid_plan_membership' ELSE 'recurring_plan_membership' END
                WHEN 'class' THEN 'event_registration' ELSE i.purchase_type END AS type,
            CASE i.purchase_type WHEN 'membership' THEN 'customer_membership' WHEN 'class' THEN 'event_registration'
                WHEN 'store_order' THEN 'store_order_item' ELSE i.purchase_type END AS billed_item_object,
            coalesce(i.customer_membership_id, i.attendance_id, i.course_session_attendance_id, i.store_order_id)
                AS billed_item_key,
            CASE i.purchase_type WHEN 'membership' THEN m.name WHEN 'class' THEN 'Drop-in'
                WHEN 'store_order' THEN o.product ELSE 'Course place' END AS description,
            CASE i.purchase_type WHEN 'membership' THEN h.billed_price WHEN 'class' THEN 800 + {draw} % 9 * 150
                WHEN 'store_order' THEN o.amount ELSE 1500 + {draw} % 7 * 250 END AS amount
        FROM invoices i LEFT JOIN customer_memberships h ON h.id = i.customer_membership_id
            LEFT JOIN memberships m ON m.id = h.membership_id LEFT JOIN store_orders o ON o.id = i.store_order_id
        UNION ALL
        SELECT i.id, i.id * 2 + 1, 1, NULL, NULL, 0, CASE {draw} / 3 % 2 WHEN 0 THEN 'service_fee' ELSE 'flat_fee' END,
            'purchase_fee', 9000 + {draw} % 3, 'Booking fee', 50 + {draw} % 4 * 25
        FROM invoices i WHERE {draw} % 5 = 0
    )
    SELECT {maker.ids_from(9_300_007, "number")} AS id, invoice_id, type, billed_item_object, billed_item_key,
        description, amount, {tax} AS tax_amount, {discount} AS discount_amount, credit_amount,
        CASE WHEN draw % 41 = 1 AND status = 'paid' THEN amount - {discount} + {tax} - credit_amount ELSE 0 END
            AS refund_amount
    FROM bought
    """


def _credits(maker: Maker) -> str:
    """Some customers get a credit; half of them use part of it for a membership."""
    draw = maker.draw("customer_id", "credit")
    return f"""
    WITH given AS (
        SELECT id AS customer_id, created_at + {maker.draw("id", "credit")} % 900000000 AS created_at FROM customers
    ),
    chosen AS (SELECT *, {draw} AS draw FROM given WHERE {draw} % 3 = 0 AND created_at < {maker.present}),
    used AS (
        SELECT i.customer_id, i.paid_at, -500 - draw % 4 * 100 AS amount, i.id
        FROM chosen JOIN invoices i ON i.id = (SELECT min(n.id) FROM invoices AS n INDEXED BY invoices_of_customer
            WHERE n.customer_id = chosen.customer_id AND n.paid_at > chosen.created_at
            AND n.purchase_type = 'membership')
        WHERE draw / 3 % 2 = 0
    ),
    moved AS (
        SELECT customer_id, created_at, 2000 + draw % 9 * 500 AS amount, NULL AS invoice_id FROM chosen
        UNION ALL SELECT * FROM used
    )
    SELECT {maker.ids_from(310_001, "created_at, customer_id")} AS id, customer_id, created_at, amount, invoice_id,
        CASE WHEN invoice_id IS NULL THEN 'Goodwill' ELSE 'Used for a membership' END AS memo
    FROM moved
    """


def _gift_cards(maker: Maker) -> str:
    draw = maker.draw("c.id", "gift")
    friend = pick(["Ada", "Ben", "Chloe", "Farah", "Luca"], f"{draw} / 11")
    delivered = "bought + draw % 9 * 86400000"
    return f"""
    SELECT {maker.ids_from(55_001, "bought")} AS id, customer_id, bought AS purchased_at,
        2500 + draw % 6 * 1000 AS amount, friend || '@example.com' AS recipient_email, friend AS recipient_name,
        bought + 31557600000 AS redeem_by,
        date(bought / 1000, 'unixepoch', '+' || (draw % 9) || ' days') AS deliver_on_date,
        CASE WHEN draw % 9 > 0 AND {delivered} < {maker.present} THEN {delivered} END AS delivered_at,
        CASE WHEN draw % 3 = 1 AND draw % 20 > 0 AND bought + 1728000000 < {maker.present} THEN bought + 1728000000 END
            AS redeemed_at,
        draw % 20 > 0 AS is_paid
    FROM (
        SELECT c.id AS customer_id, {draw} AS draw, {friend} AS friend,
            c.created_at + {draw} % ({maker.present} - c.created_at + 1) AS bought
        FROM customers c WHERE {draw} / 4 % 4 = 0
    )
    """


def _orders(maker: Maker) -> str:
    """Some visitors buy something from the shelf."""
    draw = maker.draw("a.id", "order")
    product = pick(["Water bottle", "Yoga mat", "T-shirt", "Protein bar"], "draw / 30")
    return f"""
    SELECT {maker.ids_from(56_003, "ordered_at, customer_id")} AS id, customer_id, ordered_at, {product} AS product,
        {pick([1200, 3500, 2400, 250], "draw / 30")} AS amount
    FROM (
        SELECT a.customer_id, {draw} AS draw, e.starts_at - 600000 AS ordered_at
        FROM attendances a JOIN events e ON e.id = a.event_id WHERE a.status = 'attended' AND {draw} % 30 = 0
    )
    """


MONEY: Final[tuple[Entity, ...]] = (
    entity(
        "invoices",
        """customer -> customers, customer_membership -> customer_memberships, attendance -> attendances,
        course_session_attendance -> course_session_attendances, store_order -> store_orders,
        purchase_type text, number text, status text, due_date
        day, created_at moment, confirmed_at moment, paid_at moment, updated_at moment, is_credit_note flag,
        discount_code -> discount_codes, payment_processor -> payment_processors, payout text""",
        _invoices,
        derived={
            "refunded_invoice.id": "key: NULL",
            "subtotal_amount": f"pence: {_sum('amount')}",
            "discount_amount": f"pence: {_sum('discount_amount')}",
            "tax_amount": f"pence: {_sum('tax_amount')}",
            "credit_amount": f"pence: {_sum('credit_amount')}",
            "refund_amount": f"pence: {_sum('refund_amount')}",
            "adjustment_amount": "pence: 0 + 0",
            "total_amount": "pence: {subtotal_amount} - {discount_amount} + {tax_amount}",
            "total_amount_due": "pence: CASE WHEN {paid_at} IS NULL THEN {total_amount} ELSE 0 END",
            "expected_payment_amount": "pence: {total_amount} - {credit_amount} + {adjustment_amount}",
            "refund_date": "day: CASE WHEN {refund_amount} > 0 THEN date({paid_at} / 1000, 'unixepoch') END",
            "payment_processor": "text: {payment_processor.name}",
            "purchase_items": f"text: (SELECT group_concat(l.description, ', ') {_LINES})",
            "used_id": """key: coalesce({customer_membership_id}, {attendance_id}, {course_session_attendance_id},
                {store_order_id})""",
            "purchased_item": "json: json_object('object', {purchase_type}, 'id', {used_id})",
            "purchase_fee_type": f"""text: (SELECT min(l.type) {_LINES} AND l.type IN ('service_fee', 'flat_fee'))""",
            "applied_credits": """json: CASE WHEN {credit_amount} > 0 THEN json_array(json_object('amount',
                json_object('decimal', printf('%.2f', {credit_amount} / 100.0)))) ELSE json_array() END""",
            "charges": """json: CASE WHEN {paid_at} IS NULL THEN json_array() ELSE json_array(json_object(
                'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', {confirmed_at} / 1000.0, 'unixepoch'),
                'amount', json_object('decimal', printf('%.2f', {expected_payment_amount} / 100.0),
                'currency', {studio_currency}),
                'confirmed_at', strftime('%Y-%m-%dT%H:%M:%fZ', {paid_at} / 1000.0, 'unixepoch'))) END""",
            "legacy_mapping": "json: json_object('invoice', {id})",
            "legacy_invoice_key": "text: {number}",
            "payer": "key: {customer_id}",
            "due_date_month": "text: strftime('%m', {due_date})",
            "due_date_year": "text: strftime('%Y', {due_date})",
            "payment_month": "key: CAST(strftime('%m', {paid_at} / 1000, 'unixepoch') AS INTEGER)",
            "payment_year": "key: CAST(strftime('%Y', {paid_at} / 1000, 'unixepoch') AS INTEGER)",
            "payout_month": "text: substr({payout}, 6)",
            "payout_year": "text: substr({payout}, 1, 4)",
            "list_status": "text: replace({status}, 'pending_online', 'pending')",
        },
        collections={"line_items": "invoice_line_items.invoice"},
    ),
    entity(
        "invoice_line_items",
        """invoice -> invoices, type text, billed_item_object text, billed_item_key key, description text, amount pence,
        tax_amount pence, discount_amount pence, credit_amount pence, refund_amount pence""",
        _line_items,
        derived={
            "customer.id": "key: {invoice.customer.id}",
            "customer.name": "text: {invoice.customer.name}",
            "customer.email": "text: {invoice.customer.email}",
            "customer.venue.id": "key: {invoice.customer.venue.id}",
            "customer.venue.name": "text: {invoice.customer.venue.name}",
            "billed_item": "json: json_object('object', {billed_item_object}, 'id', {billed_item_key})",
            "billed_item.object": "text: {billed_item_object}",
            "billed_item.id": "key: {billed_item_key}",
            "price": "pence: {amount}",
            "total_amount_due": "pence: {amount} - {discount_amount} + {tax_amount}",
        },
    ),
    entity("store_orders", "customer -> customers, ordered_at moment, product text, amount pence", _orders),
    entity(
        "discount_codes",
        "name text, code text, status text, group -> discount_code_groups, doc json",
        documents("discount_codes"),
        derived={
            "uses": """key: (SELECT count(*) FROM invoices AS i INDEXED BY invoices_of_code
                WHERE i.discount_code_id = {id})"""
        },
    ),
    entity("discount_code_groups", "name text", documents("discount_code_groups")),
    entity(
        "customer_credits",
        "customer -> customers, created_at moment, amount pence, invoice -> invoices, memo text",
        _credits,
        derived={
            "balance": """pence: (SELECT sum(g.amount) FROM customer_credits AS g INDEXED BY credits_of_customer
                WHERE g.customer_id = {customer_id} AND g.created_at <= {created_at})""",
        },
    ),
    entity(
        "gift_cards",
        """customer -> customers, purchased_at moment, amount pence, recipient_email text, recipient_name text,
            redeem_by
        moment, deliver_on_date day, delivered_at moment, redeemed_at moment, is_paid flag""",
        _gift_cards,
        derived={
            "purchaser_id": "key: {customer_id}",
            "purchaser_name": "text: {customer.name}",
            "is_delivered": "flag: {delivered_at} IS NOT NULL",
            "is_redeemed": "flag: {redeemed_at} IS NOT NULL",
            "status": """text: CASE WHEN {redeemed_at} IS NOT NULL THEN 'redeemed' WHEN {redeem_by} < {now} THEN
                'expired'
                WHEN {delivered_at} IS NOT NULL THEN 'delivered' ELSE 'scheduled' END""",
        },
    ),
)
