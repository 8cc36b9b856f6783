"""Invented partners for the demo (`seed_demo`): nothing of these names exists, and no number of theirs can ring."""

from typing import Any

from triage.models import Partner

# Fictitious, and said to be so in every name; telephone numbers of the form 000-0000-00xx are not given to anybody.
PARTNERS: tuple[dict[str, Any], ...] = (
    {
        "partner_id": "demo-station-east",
        "name_zh": "东城职工心灵驿站（演示）",
        "name_en": "East wellbeing station (demo)",
        "kind": "station",
        "scope": "面谈、心理减压、法律咨询引导",
        "hours": "周二、周四 14:00-17:00",
        "address": "演示市东城区示例路 1 号工会服务中心 2 层",
        "phone": "000-0000-0001",
        "latitude": 39.93,
        "longitude": 116.42,
        "boundary": ["need", "called", "reach", "wishes"],
        "visit_days": [2, 4],
        "visit_from": "14:00",
        "visit_until": "17:00",
        "visit_minutes": 50,
        "visit_places": 2,
    },
    {
        "partner_id": "demo-station-west",
        "name_zh": "西城职工心灵驿站（演示）",
        "name_en": "West wellbeing station (demo)",
        "kind": "station",
        "scope": "面谈、亲子与家庭议题",
        "hours": "周二、周四 18:00-20:30",
        "address": "演示市西城区示例街 2 号职工之家",
        "phone": "000-0000-0002",
        "latitude": 39.91,
        "longitude": 116.36,
        "boundary": ["need", "called", "reach", "wishes"],
        "visit_days": [2, 4],
        "visit_from": "18:00",
        "visit_until": "20:30",
        "visit_minutes": 50,
        "visit_places": 1,
    },
    {
        "partner_id": "demo-hospital",
        "name_zh": "示例市心理医院（演示）",
        "name_en": "Example psychiatric hospital (demo)",
        "kind": "hospital",
        "scope": "门诊、急诊；情绪障碍、睡眠障碍",
        "hours": "门诊周一至周六 8:00-17:00，急诊 24 小时",
        "address": "演示市示例大道 3 号",
        "phone": "000-0000-0003",
        "boundary": ["need", "called", "reach", "situation", "safety", "wishes"],
        "capacity_week": 10,
    },
    {
        "partner_id": "demo-crisis",
        "name_zh": "示例心理危机干预中心（演示）",
        "name_en": "Example crisis centre (demo)",
        "kind": "crisis_centre",
        "scope": "危机干预、事后支持",
        "hours": "24 小时",
        "phone": "000-0000-0004",
        "boundary": ["need", "called", "reach", "situation", "safety"],
    },
    {
        "partner_id": "demo-university",
        "name_zh": "示例大学心理援助团队（演示）",
        "name_en": "Example university team (demo)",
        "kind": "university",
        "scope": "六次以内的短程咨询，远程或面谈",
        "hours": "周一至周五 9:00-18:00",
        "phone": "000-0000-0005",
        "boundary": ["need", "called", "reach", "situation", "wishes"],
        "capacity_week": 4,
    },
    {
        "partner_id": "demo-legal",
        "name_zh": "示例职工法律援助站（演示）",
        "name_en": "Example legal aid (demo)",
        "kind": "legal_aid",
        "scope": "欠薪、工伤、劳动合同、女职工权益",
        "hours": "周一至周五 9:00-17:00",
        "phone": "000-0000-0006",
        "boundary": ["need", "called", "reach"],
    },
)


def seed_partners() -> None:
    """Write each partner once; one that somebody has changed stays as they left it."""
    for fields in PARTNERS:
        Partner.objects.get_or_create(partner_id=fields["partner_id"], defaults=fields)
