"""A preprocessor for mdbook. It replaces links to files outside of docs/ with paths, because those files are not in the
site. In a link to a README.md, it writes index.md, the name of that page in the site."""
import json
import os
import re
import sys


def outside(folder):
    def replace(match):
        text, target = match.groups()
        path = os.path.normpath(os.path.join(folder, target.partition("#")[0]))
        if "://" in target:
            return match[0]
        if not path.startswith(".."):
            return f"[{text}]({target.replace('README.md', 'index.md')})"
        path = path[3:]
        return text if text.strip("`") == path else f"{text} (`{path}`)"

    return replace


def rewrite(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            folder = os.path.dirname(chapter["path"] or "")
            chapter["content"] = re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", outside(folder), chapter["content"])
            rewrite(chapter["sub_items"])


if sys.argv[1:2] != ["supports"]:
    _, book = json.load(sys.stdin)
    rewrite(book.get("items") or book.get("sections"))
    json.dump(book, sys.stdout)
