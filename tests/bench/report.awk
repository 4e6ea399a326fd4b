# report.awk -- medians, quartiles and ratios: a table, and JSON to a file

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Variables: peers, date, processors, load, runs, json.  Ours is called shepherd, and what
# none can beat, limit.

BEGIN {
  FS = "\t"
  columns = split(peers, peer, " ")
  gsub(/ /, ", ", load)
}

{
  if (!(($1) in unit))
    names[++rows] = $1
  unit[$1] = $2
  if ($4 == "-")
    reason[$1, $3] = $5
  else
    samples[$1, $3] = samples[$1, $3] " " $4
}

# The number below which a part of the sorted list of COUNT numbers is.
function quantile(part,    at, low)
{
  at = 1 + part * (count - 1)
  low = int(at)
  return sorted[low] + (at - low) * (sorted[low < count ? low + 1 : low] \
                                     - sorted[low])
}

function summarize(row, who,    i, j, value)
{
  count = split(samples[row, who], sorted, " ")
  for (i = 2; i <= count; i++) {
    value = sorted[i] + 0
    for (j = i - 1; j > 0 && sorted[j] + 0 > value; j--)
      sorted[j + 1] = sorted[j]
    sorted[j + 1] = value
  }
  median[row, who] = quantile(0.5)
  low[row, who] = quantile(0.25)
  high[row, who] = quantile(0.75)
}

# How much more A takes than B does, or slower it is.
function ratio(row, a, b)
{
  a = median[row, a]
  b = median[row, b]
  if (unit[row] == "1/s")
    return a > 0 ? b / a : ""
  return b > 0 ? a / b : ""
}

function digits(number, count)
{
  return sprintf("%." (int(number / 999.5) == 0 ? count "g" : "0f"), number)
}

function quoted(text)
{
  gsub(/[\\"]/, "\\\\&", text)
  gsub(/[[:cntrl:]]/, " ", text)
  return "\"" text "\""
}

function measured(row, who)
{
  return (row SUBSEP who) in samples
}

END {
  printf "%-41s", ""
  for (c = 1; c <= columns; c++)
    printf " %13s", peer[c]
  printf " %7s %7s\n", "/ best", "/ limit"
  printf "{\"date\": %s, \"processors\": %d, \"load\": [%s], \"runs\": %d, \"rows\": [",
    quoted(date), processors, load, runs > json

  for (r = 1; r <= rows; r++) {
    row = names[r]
    best = ""
    printf "%s\n {\"name\": %s, \"unit\": %s, \"results\": {",
      (r > 1 ? "," : ""), quoted(row), quoted(unit[row]) > json
    printf "%-41s", (unit[row] == "" ? row : row ", " unit[row])
    for (c = 1; c <= columns; c++) {
      who = peer[c]
      printf "%s\n  %s: ", (c > 1 ? "," : ""), quoted(who) > json
      if (!measured(row, who)) {
        printf " %13s", "-"
        printf "{\"missing\": %s}", quoted(reason[row, who]) > json
        continue
      }
      summarize(row, who)
      printf " %13s", digits(median[row, who], 3) "~" \
        digits((high[row, who] - low[row, who]) / 2, 2)
      list = samples[row, who]
      gsub(/ /, ", ", list)
      printf "{\"median\": %.9g, \"quartiles\": [%.9g, %.9g], \"samples\": [%s]}",
        median[row, who], low[row, who], high[row, who],
        substr(list, 3) > json
      if (who != "shepherd" && who != "limit" \
          && (best == "" || ratio(row, who, best) < 1))
        best = who
    }
    printf "\n }, \"best_peer\": %s", quoted(best) > json
    finish("ratio_to_best", best)
    finish("ratio_to_limit", "limit")
    printf "}" > json
    print ""
  }
  print "\n]}" > json
}

function finish(name, who,    number)
{
  number = ""
  if (who != "" && measured(row, who) && measured(row, "shepherd"))
    number = ratio(row, "shepherd", who)
  printf " %7s", (number == "" ? "" : sprintf("%.2f", number))
  printf ", \"%s\": %s", name,
    (number == "" ? "null" : sprintf("%.6g", number)) > json
}
