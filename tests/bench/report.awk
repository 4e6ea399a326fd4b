# report.awk -- medians, quartiles and ratios: a table, and JSON to a file

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Variables: peers; about, what is to begin the JSON; json, its file.  Ours is
# called shepherd, and what none can beat, limit.

BEGIN {
  FS = "\t"
  columns = split(peers, peer, " ")
}

!($1 in unit) {
  names[++rows] = $1
  unit[$1] = $2
}

$4 == "-" {
  reason[$1, $3] = $5
}

$4 != "-" {
  samples[$1, $3] = samples[$1, $3] ", " $4
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
  count = split(substr(samples[row, who], 3), sorted, ", ")
  for (i = 2; i <= count; i++) {
    value = sorted[i] + 0
    for (j = i - 1; j > 0 && sorted[j] + 0 > value; j--)
      sorted[j + 1] = sorted[j]
    sorted[j + 1] = value
  }
  median[row, who] = quantile(0.5)
  low = quantile(0.25)
  high = quantile(0.75)
}

# Is A better than B?
function better(row, a, b)
{
  return unit[row] == "1/s" ? median[row, a] > median[row, b] \
    : median[row, a] < median[row, b]
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
function cell(row, who)
{
  if ((row, who) in samples) {
    summarize(row, who)
    printf " %13s", digits(median[row, who], 3) "~" digits((high - low) / 2, 2)
    printf "{\"median\": %.9g, \"quartiles\": [%.9g, %.9g], \"samples\": [%s]}",
      median[row, who], low, high, substr(samples[row, who], 3) > json
  } else {
    printf " %13s", "-"
    printf "{\"missing\": %s}", quoted(reason[row, who]) > json
  }
}

# How much more we take than WHO does, or how much slower we are.
function compare(name, row, who,    more, less)
{
  more = median[row, unit[row] == "1/s" ? who : "shepherd"]
  less = median[row, unit[row] == "1/s" ? "shepherd" : who]
  printf " %7s", (more == "" || less <= 0 ? "" : sprintf("%.2f", more / less))
  printf ", \"%s\": %s", name, \
    (more == "" || less <= 0 ? "null" : sprintf("%.6g", more / less)) > json
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
          && (best == "" || better(row, who, best)))
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
