"""Fill the product's tables SQL-side: leads of a year with their facts, the same every time, a million in minutes.

Every row is drawn from its number: arrivals of 52 weeks, sources of uneven weight, repeats of known contacts, six in
ten leads judged by every criterion that blocks, all but the newest lost. Derived fields agree with the facts.
"""

from datetime import datetime

import psycopg

CHUNK = 50_000
OPEN = 5_000  # leads of all that are there: what a company has at hand does not grow with what it has had
DAYS = 364

PREPARE = (
    # h(n, salt): a number from 0 to 999 that looks drawn at random and never changes.
    """CREATE OR REPLACE FUNCTION pg_temp.h(n bigint, salt int) RETURNS int LANGUAGE sql IMMUTABLE AS
       $$ SELECT ((hashint8extended(n, salt) % 1000 + 1000) % 1000)::int $$""",
    """CREATE TEMP TABLE bench_source AS SELECT id, code, row_number() OVER (ORDER BY id) - 1 AS place
       FROM leads_source""",
    """CREATE TEMP TABLE bench_person AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
       FROM crm_user WHERE role = 'manager'""",
    """CREATE TEMP TABLE bench_criterion AS
       SELECT v.id AS version, c.bit, row_number() OVER (ORDER BY e.position) - 1 AS place
       FROM funnels_definitioncriterion e
       JOIN funnels_criterionversion v ON v.id = e.criterion_version_id
       JOIN funnels_criterion c ON c.id = v.criterion_id
       WHERE v.is_blocking AND e.definition_id = %(definition)s""",
    # Where a lead may be: stages before the won one that name a reason which needs no words.
    """CREATE TEMP TABLE bench_stage AS
       SELECT s.id, s.milestone, min(r.id) AS reason, row_number() OVER (ORDER BY s.position) - 1 AS place
       FROM funnels_stage s
       JOIN funnels_stagelossreason o ON o.stage_id = s.id
       JOIN funnels_lossreason r ON r.id = o.loss_reason_id AND r.archived_at IS NULL AND NOT r.needs_note
       WHERE s.funnel_id = %(funnel)s AND s.milestone <> 'WON' AND s.archived_at IS NULL
       GROUP BY s.id""",
    """CREATE TEMP TABLE bench_lead (n bigint PRIMARY KEY, lead bigint, contact bigint, owner bigint, source bigint,
       source_code text, campaign bigint, at timestamptz, is_twin boolean, verdict text, failed_bit int,
       assessment bigint, stage bigint, milestone text, reason bigint, is_open boolean, attempts int,
       first_after interval)""",
)

# Every seventh lead is of the contact before: within minutes of it, so it is a duplicate of that lead.
DRAW = """
INSERT INTO bench_lead
SELECT n, %(lead)s + n, %(contact)s + n - twin, p.id, s.id, s.code, c.id,
       %(at)s::timestamptz - interval '1 day' * (%(days)s * (%(count)s - n) / %(count)s::float),
       twin = 1,
       CASE WHEN pg_temp.h(n, 3) >= 600 OR twin = 1 THEN 'UNDECIDED'
            WHEN pg_temp.h(n, 3) < 330 THEN 'TARGET' ELSE 'NON_TARGET' END,
       f.bit, %(assessment)s + n, t.id, t.milestone, t.reason, n > %(count)s - %(open)s,
       pg_temp.h(n, 10) / 250, interval '1 minute' * exp(pg_temp.h(n, 11) / 125.0)
FROM (SELECT n, CASE WHEN n %% 7 = 0 AND n > %(first)s THEN 1 ELSE 0 END AS twin
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) g
JOIN bench_source s ON s.place = (pg_temp.h(n - twin, 1) * pg_temp.h(n - twin, 2) * %(sources)s / 1000000)
JOIN bench_person p ON p.place = n %% %(people)s
JOIN bench_criterion f ON f.place = (pg_temp.h(n, 4) * pg_temp.h(n, 5) * %(criteria)s / 1000000)
JOIN bench_stage t ON t.place = (pg_temp.h(n, 9) * %(stages)s / 1000)
LEFT JOIN LATERAL (SELECT min(id) AS id FROM leads_campaign WHERE source_id = s.id) c ON pg_temp.h(n, 6) < 700
"""

STATEMENTS = (
    """INSERT INTO leads_contact (id, name, company, search_key, created_at)
       SELECT contact, name, '', lower(replace(name, 'ё', 'е')) || ' +790' || lpad(lead::text, 8, '0') ||
              ' p' || lead || '@example.com', at
       FROM (SELECT *, %(first_names)s::text[] AS f, %(surnames)s::text[] AS s FROM bench_lead WHERE NOT is_twin) b,
            LATERAL (SELECT f[1 + pg_temp.h(n, 7) %% cardinality(f)] || ' ' || s[1 + pg_temp.h(n, 8) %% cardinality(s)]
                     || '-' || n AS name) who""",
    """INSERT INTO leads_contactpoint (contact_id, kind, value, created_at)
       SELECT contact, 'phone', '+790' || lpad(lead::text, 8, '0'), at FROM bench_lead WHERE NOT is_twin
       UNION ALL SELECT contact, 'email', 'p' || lead || '@example.com', at FROM bench_lead WHERE NOT is_twin""",
    """INSERT INTO leads_lead (id, public_id, funnel_id, source_id, campaign_id, contact_id, external_id, channel,
           received_at, recorded_at, cohort_day, is_test, message, utm, attributes, first_touch_due_at, verdict_due_at,
           owner_id, duplicate_of_id, stage_id, stage_since_at, outcome, outcome_at, definition_id, verdict,
           verdict_at, fail_mask, soft_fail_mask, assessed_mask, first_touch_at, version)
       SELECT lead, md5('bench' || lead)::uuid, %(funnel)s, source, campaign, contact, 'fill-' || lead, 'api',
           at, at, (at AT TIME ZONE %(zone)s)::date, false, 'Здравствуйте, хочу узнать условия, номер ' || n,
           jsonb_build_object('utm_source', source_code, 'utm_medium', 'cpc'), '{}', at + interval '15 minutes',
           at + interval '1 day', owner, CASE WHEN is_twin THEN lead - 1 END, stage,
           CASE WHEN stage = %(stage)s THEN at ELSE at + interval '1 hour' END,
           CASE WHEN is_open THEN 'OPEN' ELSE 'LOST' END, CASE WHEN NOT is_open THEN at + interval '3 hours' END,
           CASE WHEN verdict <> 'UNDECIDED' THEN %(definition)s::bigint END, verdict,
           CASE WHEN verdict <> 'UNDECIDED' THEN at + interval '2 hours' END,
           CASE WHEN verdict = 'NON_TARGET' THEN 1 << failed_bit ELSE 0 END, 0,
           CASE WHEN verdict <> 'UNDECIDED' THEN %(mask)s ELSE 0 END,
           CASE WHEN attempts > 0 AND at + first_after < %(at)s THEN at + first_after END,
           CASE WHEN verdict = 'UNDECIDED' THEN 1 ELSE 2 END
       FROM bench_lead""",
    """INSERT INTO leads_leadlink (lead_id, master_id, kind, occurred_at, recorded_at)
       SELECT lead, lead - 1, 'duplicate', at, at FROM bench_lead WHERE is_twin""",
    """INSERT INTO leads_transition (lead_id, kind, channel, to_stage_id, from_milestone, to_milestone, note,
           occurred_at, recorded_at, effective_at)
       SELECT lead, 'arrive', 'api', %(stage)s, '', %(milestone)s, '', at, at, at FROM bench_lead""",
    """INSERT INTO leads_transition (lead_id, kind, channel, from_stage_id, to_stage_id, from_milestone, to_milestone,
           note, by_id, occurred_at, recorded_at, effective_at)
       SELECT lead, 'advance', 'page', %(stage)s, stage, %(milestone)s, milestone, '', owner, at + interval '1 hour',
           at + interval '1 hour', at + interval '1 hour'
       FROM bench_lead WHERE stage <> %(stage)s""",
    """INSERT INTO leads_transition (lead_id, kind, channel, from_stage_id, to_stage_id, from_milestone, to_milestone,
           note, by_id, occurred_at, recorded_at, effective_at)
       SELECT lead, 'lose', 'page', stage, stage, milestone, milestone, '', owner, at + interval '3 hours',
           at + interval '3 hours', at + interval '3 hours'
       FROM bench_lead WHERE NOT is_open""",
    """INSERT INTO leads_transitionreason (transition_id, loss_reason_id)
       SELECT t.id, b.reason FROM bench_lead b JOIN leads_transition t ON t.lead_id = b.lead AND t.kind = 'lose'""",
    """INSERT INTO leads_ownerchange (lead_id, owner_id, occurred_at, recorded_at)
       SELECT lead, owner, at, at FROM bench_lead""",
    # A quarter is called by nobody, the others once to three times, a day apart; six in ten are reached at the last.
    """INSERT INTO leads_touch (lead_id, actor, channel, is_inbound, result, telephony_code, note, by_id, occurred_at,
           recorded_at)
       SELECT lead, 'human', CASE WHEN k = 2 THEN 'message' ELSE 'call' END, false,
           CASE WHEN k = attempts AND pg_temp.h(n, 12) < 600 THEN 'reached' ELSE 'no_answer' END, '', '', owner,
           called, called
       FROM bench_lead, generate_series(1, attempts) k,
            LATERAL (SELECT at + first_after + interval '1 day' * (k - 1) AS called) when_called
       WHERE at + first_after + interval '1 day' * (k - 1) < %(at)s""",
    """INSERT INTO leads_submission (public_id, channel, payload, content_type, profile, attempts, received_at, state,
           error_code, error_detail, lead_id)
       SELECT md5('sent' || lead)::uuid, 'api', jsonb_build_object('external_id', 'fill-' || lead,
           'source', source_code, 'name', 'Человек ' || n, 'phone', '+790' || lpad(lead::text, 8, '0'),
           'email', 'p' || lead || '@example.com'), '', '', 0, at, 'accepted', '', '', lead
       FROM bench_lead""",
    """INSERT INTO leads_assessment (id, lead_id, kind, channel, definition_id, verdict, fail_mask, soft_fail_mask,
           assessed_mask, by_id, by_role, note, occurred_at, recorded_at, effective_at)
       SELECT assessment, lead, 'assess', 'page', %(definition)s, verdict,
           CASE WHEN verdict = 'NON_TARGET' THEN 1 << failed_bit ELSE 0 END, 0, %(mask)s, owner, 'manager', '',
           at + interval '2 hours', at + interval '2 hours', at + interval '2 hours'
       FROM bench_lead WHERE verdict <> 'UNDECIDED'""",
    """INSERT INTO leads_assessmentanswer (assessment_id, criterion_version_id, result, observed_value, evidence,
           evidence_ref)
       SELECT assessment, version, CASE WHEN verdict = 'NON_TARGET' AND bit = failed_bit THEN %(failed)s
           ELSE %(met)s END, '', '', ''
       FROM bench_lead, bench_criterion WHERE verdict <> 'UNDECIDED'""",
    """INSERT INTO crm_auditevent (at, action, object_type, object_id, changes, request_id)
       SELECT at, 'lead.receive', 'leads.lead', lead, jsonb_build_object('channel', 'api', 'outcome',
           CASE WHEN is_twin THEN 'duplicate' ELSE 'created' END, 'source', source_code), md5(lead::text)
       FROM bench_lead""",
    """INSERT INTO crm_event (type, lead, source, data, occurred_at, recorded_at, number)
       SELECT 'lead.received', 'ld_' || md5('bench' || lead), source_code, '{"outcome": "created"}', at, at,
           %(event)s + n
       FROM bench_lead""",
)
HEAD = """
INSERT INTO crm_eventhead (id, last_number) SELECT 1, coalesce(max(number), 0) FROM crm_event
ON CONFLICT (id) DO UPDATE SET last_number = excluded.last_number
"""
# Common first names and surnames, so that a search by one of them finds thousands; the number tells two people apart.
FIRST_NAMES = ("Анна", "Мария", "Елена", "Ольга", "Дарья", "Иван", "Сергей", "Андрей", "Павел", "Тимур", "Олег", "Лев")
SURNAMES = (
    "Иванов",
    "Смирнов",
    "Кузнецов",
    "Попов",
    "Соколов",
    "Лебедев",
    "Козлов",
    "Новиков",
    "Морозов",
    "Волков",
    "Зайцев",
    "Павлов",
    "Орлов",
    "Макаров",
    "Никитин",
    "Захаров",
    "Борисов",
    "Королев",
    "Герасимов",
    "Гусев",
)
NUMBERED = ("leads_lead", "leads_contact", "leads_assessment")


def fill(*, url: str, leads: int, at: datetime) -> None:
    """Add leads to a database that has a company, sources and a definition in force; each chunk is committed."""
    from funnels.queries import current_definition, first_stage, funnel_named
    from funnels.rules.criteria import Result

    funnel = funnel_named(code="")
    stage, definition = first_stage(funnel=funnel), current_definition(funnel=funnel, at=at)
    known: dict[str, object] = {
        "funnel": funnel.pk,
        "stage": stage.pk,
        "milestone": stage.milestone,
        "definition": definition.pk,
        "met": Result.MET.value,
        "failed": Result.FAILED.value,
        "zone": "Europe/Moscow",
        "at": at,
        "days": DAYS,
        "first_names": list(FIRST_NAMES),
        "surnames": list(SURNAMES),
        "count": leads,
    }
    with psycopg.connect(url) as connection:
        for statement in PREPARE:
            connection.execute(statement, known if "%(" in statement else None)
        known |= _counts(connection)
        for first in range(1, leads + 1, CHUNK):
            known |= {"first": first, "last": min(first + CHUNK, leads + 1) - 1}
            connection.execute("TRUNCATE bench_lead")
            connection.execute(DRAW, known)
            connection.execute("ANALYZE bench_lead")
            for statement in STATEMENTS:
                connection.execute(statement, known)
            connection.commit()
        for table in NUMBERED:
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        connection.execute(HEAD)


def _counts(connection: psycopg.Connection) -> dict[str, object]:
    """Tell where numbers start, and how many there are to choose from."""

    def one(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])  # type: ignore[index, arg-type]  # texts of ours

    return {
        "lead": one("SELECT coalesce(max(id), 0) FROM leads_lead"),
        "contact": one("SELECT coalesce(max(id), 0) FROM leads_contact"),
        "assessment": one("SELECT coalesce(max(id), 0) FROM leads_assessment"),
        "event": one("SELECT coalesce(max(number), 0) FROM crm_event"),
        "sources": one("SELECT count(*) FROM bench_source"),
        "people": one("SELECT count(*) FROM bench_person"),
        "open": one(f"SELECT greatest({OPEN} - count(*), 0) FROM leads_lead WHERE outcome = 'OPEN'"),
        "stages": one("SELECT count(*) FROM bench_stage"),
        "criteria": one("SELECT count(*) FROM bench_criterion"),
        "mask": one("SELECT coalesce(sum(1 << bit), 0) FROM bench_criterion"),
    }
