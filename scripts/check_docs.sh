#!/usr/bin/env bash
# Every link and every file that README.md and docs/*.md name is there, and the README's feature table has no empty cell.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0
complain() { echo "$1"; bad=1; }

for page in README.md docs/*.md; do
  folder=$(dirname "$page")
  while IFS= read -r target; do
    [[ -e $folder/$target ]] || complain "$page: links to $target, which is not there"
  done < <(grep -oE '\]\([A-Za-z0-9_./-]+[)#]' "$page" | sed 's/^..//; s/.$//' | sort -u)
done

rows=0
while IFS= read -r row; do
  rows=$((rows + 1))
  grep -qE '\| *\|' <<< "$row" && complain "README.md: an empty cell: $row"
  tests=$(awk -F'|' '{print $4}' <<< "$row")
  while IFS= read -r name; do
    case $name in
      *.yaml) name=scenarios/$name ;;
      */*) ;;
      *) continue ;;
    esac
    compgen -G "$name" > /dev/null || complain "README.md: a test that is not there: $name"
  done < <(grep -oE '`[^`]+`' <<< "$tests" | tr -d '`')
done < <(sed -n '/^| feature |/,/^$/p' README.md | tail -n +3 | grep '^|')
[[ $rows -ge 20 ]] || complain "README.md: the feature table has $rows rows"
[[ $bad -eq 0 ]] && echo "docs: every link leads somewhere; $rows features, each with its tests"
exit $bad
