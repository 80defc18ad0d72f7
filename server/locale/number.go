package locale

import (
	"math"
	"strconv"
	"strings"
)

// noBreak is U+00A0: it keeps "98.4 %" on one line, and every font has it.
const noBreak = "\u00a0"

// Number writes v with this many decimals: "10.000,50" in Turkish, "10,000.50" in English.
func (l Lang) Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	thousands, point := ",", "."
	if l == Turkish {
		thousands, point = ".", ","
	}
	text = group(whole, thousands)
	if fraction != "" {
		text += point + fraction
	}
	if v < 0 && strings.Trim(text, "0.,") != "" { // never "−0"
		text = "−" + text
	}
	return text
}

// Integer writes v with its thousands apart: "10.000" in Turkish, "10,000" in English.
func (l Lang) Integer(v int) string {
	return l.Number(float64(v), 0)
}

// Percent writes the fraction v (1 is all) with this many decimals: "%98,4" in
// Turkish, "98.4 %" in English, with a no-break space before the sign.
func (l Lang) Percent(v float64, decimals int) string {
	number := l.Number(100*v, decimals)
	if l != Turkish {
		return number + noBreak + "%"
	}
	if unsigned, negative := strings.CutPrefix(number, "−"); negative {
		return "−%" + unsigned
	}
	return "%" + number
}

// group puts sep between every three digits, counted from the right.
func group(digits, sep string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + sep + digits[i:]
	}
	return digits
}
