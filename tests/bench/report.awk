# report.awk -- medians, quartiles and ratios: a table, and JSON to a file

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Reads the results twice, first in the order of the rows, then in that of the
# numbers.  Variables: peers; about, what is to begin the JSON; json, its file.
# Ours is called shepherd, and what none can beat, limit.

BEGIN {
  FS = "\t"
  columns = split(peers, peer, " ")
}

!($1 in unit) {
  names[++rows] = $1
  unit[$1] = $2
}

FNR < NR && $4 == "-" { reason[$1, $3] = $5 }
FNR < NR && $4 != "-" { samples[$1, $3] = samples[$1, $3] ", " $4 }

# The number below which a PART of the samples is.
function quantile(row, who, part,    sorted, at, low)
{
  at = 1 + part * (split(substr(samples[row, who], 3), sorted, ", ") - 1)
  low = int(at)
  return sorted[low] + (at - low) * (sorted[at > low ? low + 1 : low] \
                                     - sorted[low])
}

# How many times as much A takes as B, or as slow it is; nothing if that is
# not known.
function ratio(row, a, b,    more, less)
{
  more = median[row, unit[row] == "1/s" ? b : a]
  less = median[row, unit[row] == "1/s" ? a : b]
  return more == "" || less <= 0 ? "" : more / less
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

# One cell of the table, and what the JSON has of it.
function cell(row, who,    low, high)
{
  if ((row, who) in samples) {
    median[row, who] = quantile(row, who, 0.5)
    low = quantile(row, who, 0.25)
    high = quantile(row, who, 0.75)
    printf " %13s", digits(median[row, who], 3) "~" digits((high - low) / 2, 2)
    printf "{\"median\": %.9g, \"quartiles\": [%.9g, %.9g], \"samples\": [%s]}",
      median[row, who], low, high, substr(samples[row, who], 3) > json
  } else {
    printf " %13s", "-"
    printf "{\"missing\": %s}", quoted(reason[row, who]) > json
  }
}

# How we compare with WHO.
function compare(name, row, who,    ours)
{
  ours = ratio(row, "shepherd", who)
  printf " %7s", (ours == "" ? "" : sprintf("%.2f", ours))
  printf ", \"%s\": %s", name, (ours == "" ? "null" : sprintf("%.6g", ours)) \
    > json
}

END {
  printf "%-41s", ""
  for (c = 1; c <= columns; c++)
    printf " %13s", peer[c]
  printf " %7s %7s\n", "/ best", "/ limit"
  printf "{%s, \"rows\": [", about > json
  for (r = 1; r <= rows; r++) {
    row = names[r]
    best = ""
    printf "%-41s", (unit[row] == "" ? row : row ", " unit[row])
    printf "%s\n {\"name\": %s, \"unit\": %s, \"results\": {",
      (r > 1 ? "," : ""), quoted(row), quoted(unit[row]) > json
    for (c = 1; c <= columns; c++) {
      who = peer[c]
      printf "%s\n  %s: ", (c > 1 ? "," : ""), quoted(who) > json
      cell(row, who)
      if (who != "shepherd" && who != "limit" && (row, who) in samples \
          && (best == "" || ratio(row, who, best) < 1))
        best = who
    }
    printf "\n }, \"best_peer\": %s", quoted(best) > json
    compare("ratio_to_best", row, best)
    compare("ratio_to_limit", row, "limit")
    printf "}" > json
    print ""
  }
  print "\n]}" > json
  fit("start")
  fit("stop")
}

# How what we take to VERB so many services grows with their number N: the
# power of N that fits best, by least squares of the logarithms.
function fit(verb,    r, word, x, y, n, sx, sy, sxx, sxy)
{
  for (r = 1; r <= rows; r++)
    if (split(names[r], word, " ") == 3 && word[1] == verb \
        && word[2] > 0 && median[names[r], "shepherd"] > 0) {
      x = log(word[2])
      y = log(median[names[r], "shepherd"])
      n++; sx += x; sy += y; sxx += x * x; sxy += x * y
    }
  if (n > 2)
    printf "to %s grows with the number N of services as N to the power %.2f\n",
      verb, (n * sxy - sx * sy) / (n * sxx - sx * sx)
}
