"""The SQLite tables of one account. Times are milliseconds since 1970, money is in pence."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
CREATE TABLE venues (id INTEGER PRIMARY KEY, name TEXT, timezone TEXT);
CREATE TABLE instructors (id INTEGER PRIMARY KEY, name TEXT, picture_url TEXT);
CREATE TABLE offering_types (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE memberships (id INTEGER PRIMARY KEY, name TEXT, type TEXT);
CREATE TABLE booking_sources (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE pay_rates (id INTEGER PRIMARY KEY, name TEXT, type TEXT, base TEXT, pence INTEGER, tiers TEXT);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, name TEXT, type TEXT, starts_at INTEGER, ends_at INTEGER, local_start TEXT,
    offering_type_id INTEGER, venue_id INTEGER, instructor_id INTEGER, second_id INTEGER, max_occupancy
    INTEGER
);
CREATE TABLE attendances (
    id INTEGER PRIMARY KEY, updated_at INTEGER, customer_id INTEGER, event_id INTEGER, booking_method TEXT,
    customer_membership_id INTEGER, membership_id INTEGER, booking_source_id INTEGER, status TEXT,
    checkin_at INTEGER,
    is_first_attendance INTEGER
);
CREATE TABLE attendance_strikes (
    id INTEGER PRIMARY KEY, customer_id INTEGER, event_id INTEGER, membership_id INTEGER, attendance_status
    TEXT,
    status TEXT, applies_to TEXT, penalty_id INTEGER
);
CREATE TABLE course_sessions (
    id INTEGER PRIMARY KEY, name TEXT, starts_at INTEGER, ends_at INTEGER, local_start TEXT, status TEXT,
    attending_count INTEGER, waitlist_count INTEGER, max_occupancy INTEGER, venue_id INTEGER, course_id
    INTEGER,
    offering_type_id INTEGER, instructor_id INTEGER, second_id INTEGER
);
CREATE TABLE course_session_attendances (
    id INTEGER PRIMARY KEY, customer_id INTEGER, course_session_id INTEGER, booking_method TEXT,
    membership_id INTEGER,
    is_makeup INTEGER, status TEXT
);
CREATE TABLE instructed_sessions (
    id INTEGER PRIMARY KEY, session_type TEXT, name TEXT, offering_type_id INTEGER, instructor_id INTEGER,
    starts_at INTEGER, hours REAL, venue_id INTEGER, max_occupancy INTEGER, attended_count INTEGER,
    no_show_count INTEGER, late_cancel_count INTEGER, comped_attended INTEGER, pay_rate_id INTEGER, pay
    INTEGER,
    pay_pending INTEGER
);
"""

MOVED: Final = """
CREATE TRIGGER {table}_moved AFTER UPDATE OF starts_at, venue_id ON {table} BEGIN
    UPDATE {table} SET local_start = local_time(starts_at, venue_id),
        ends_at = CASE WHEN NEW.ends_at = OLD.ends_at THEN NEW.starts_at + OLD.ends_at - OLD.starts_at
            ELSE NEW.ends_at END
    WHERE id = NEW.id;
END;
"""
"""Whoever moves an event moves its end and its wall clock time as well."""

INDEXES: Final = """
CREATE INDEX course_session_attendances_session ON course_session_attendances (course_session_id);
"""
