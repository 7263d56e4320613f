"""The museum's RSS feed of archives, as GBIF's Integrated Publishing Toolkit writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from node.museum.addresses import ARCHIVE_PATH, EML_PATH, FEED_PATH
from node.museum.catalogue import INSTITUTION
from node.museum.eml import DATASET_UUID, PUBLISHED, SUMMARY, TITLE


def published_at(version: int) -> datetime:
    """Tell when a version came out (UTC)."""
    return datetime.fromisoformat(f"{PUBLISHED[version]}T09:00:00").replace(tzinfo=UTC)


def feed_document(version: int, base_url: str) -> str:
    """Write the RSS 2.0 feed with its one item, the museum's archive."""
    base, moment = escape(base_url), format_datetime(published_at(version))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:ipt="http://ipt.gbif.org/" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>{INSTITUTION}</title>
    <link>{base}/</link>
    <atom:link href="{base}{FEED_PATH}" rel="self" type="application/rss+xml"/>
    <description>Archives of the {INSTITUTION}</description>
    <language>en-gb</language>
    <pubDate>{moment}</pubDate>
    <lastBuildDate>{moment}</lastBuildDate>
    <generator>Vasculum museum</generator>
    <ttl>15</ttl>
    <item>
      <title>{escape(TITLE)} - Version 1.{version - 1}</title>
      <link>{base}/</link>
      <description>{escape(SUMMARY[version])}</description>
      <author>wilma.drew@museum.example (Wilma Drew)</author>
      <ipt:eml>{base}{EML_PATH}</ipt:eml>
      <ipt:dwca>{base}{ARCHIVE_PATH}</ipt:dwca>
      <pubDate>{moment}</pubDate>
      <guid isPermaLink="false">{DATASET_UUID}/v1.{version - 1}</guid>
    </item>
  </channel>
</rss>
"""
