package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"rakam/server/locale"
	"rakam/wasm/nn"
)

// How the pages about training write moments, durations, probabilities and specs.

// stamp is a moment, for a <time> element.
type stamp struct{ ISO, Text string }

var months = map[locale.Lang][]string{
	locale.Turkish: {"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"},
	locale.English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"},
}

// newStamp writes a moment in the server's time zone; a page with a script puts
// it into the reader's.
func newStamp(lang locale.Lang, t time.Time) stamp {
	local := t.Local()
	comma := ","
	if lang == locale.Turkish {
		comma = ""
	}
	text := fmt.Sprintf("%d %s %d%s %s", local.Day(), months[lang][local.Month()-1], local.Year(), comma, local.Format("15:04"))
	return stamp{t.UTC().Format(time.RFC3339), text}
}

// duration writes seconds as people say them.
func (s *site) duration(lang locale.Lang, seconds float64) string {
	whole := int(math.Round(math.Max(seconds, 0)))
	key, args := "common.time.s", []any{"s", whole}
	switch {
	case whole >= 3600:
		key, args = "common.time.h", []any{"h", whole / 3600, "m", whole % 3600 / 60}
	case whole >= 60:
		key, args = "common.time.m", []any{"m", whole / 60, "s", whole % 60}
	}
	text, err := s.built.pages.texts[lang].Text(key, args...)
	if err != nil {
		return lang.Integer(whole) // a catalogue that lacks the key is caught by its test
	}
	return text
}

// probability writes what p is: "= 0.034", and below a thousandth, where its size
// says no more, "< 0.001".
func probability(lang locale.Lang, p float64) string {
	if p < 0.001 {
		return "< " + lang.Number(0.001, 3)
	}
	return "= " + lang.Number(p, 3)
}

// signed writes a difference with its sign, and none where it rounds to zero.
func signed(lang locale.Lang, v float64, digits int) string {
	text := lang.Number(v, digits)
	if v > 0 && strings.Trim(text, "0.,") != "" {
		return "+" + text
	}
	return text
}

// shownDifference is a less b as both are shown with that many digits: a reader
// who subtracts gets the same.
func shownDifference(a, b float64, digits int) float64 {
	shown := func(v float64) float64 {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'f', digits, 64), 64) // as locale.Lang rounds
		return v
	}
	return shown(a) - shown(b)
}

// arrows writes a spec as "784 → 512 → 10".
func arrows(spec nn.Spec) string {
	return strings.NewReplacer("-", " → ", "x", "×").Replace(spec.String())
}

func activations(spec nn.Spec) string {
	var names []string
	for _, l := range spec.Layers {
		if l.Activation != "" { // a pooling layer has none
			names = append(names, string(l.Activation))
		}
	}
	return strings.Join(slices.Compact(names), ", ")
}

// query writes values as the query of an address, in this order.
func query(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + pairs[i+1])
	}
	return b.String()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
