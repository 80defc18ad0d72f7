package nn

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// number is a JSON number as it is written.
type number string

// deepest is how far the values of a model file may lie inside each other.
const deepest = 16

// parseJSON reads a JSON text (RFC 8259): an object becomes a map[string]any, an array
// an []any, a string a string, a number a number; then there are true, false and nil.
// Beyond RFC 8259 it refuses a name that comes twice, text that is no UTF-8, half a
// surrogate pair, and values deeper than deepest.
//
// The browser is what it is for: with encoding/json the module is a seventh larger as
// it is sent, and while people wait for the first reading V8 spends half a second of a
// core on optimizing that package for the one header that it reads.
func parseJSON(text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("text that is no UTF-8")
	}
	p := parser{text: text}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(text) {
		return nil, p.unexpected("trailing data")
	}
	return v, nil
}

type parser struct {
	text string
	at   int
}

func (p *parser) unexpected(what string) error {
	return fmt.Errorf("%s at byte %d", what, p.at)
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips white space and then c, if c is what follows.
func (p *parser) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, error) {
	switch {
	case depth > deepest:
		return nil, p.unexpected("too deep a value")
	case p.take('{'):
		return p.object(depth)
	case p.take('['):
		return p.array(depth)
	case p.take('"'):
		return p.string()
	}
	switch rest := p.text[p.at:]; {
	case strings.HasPrefix(rest, "true"):
		p.at += len("true")
		return true, nil
	case strings.HasPrefix(rest, "false"):
		p.at += len("false")
		return false, nil
	case strings.HasPrefix(rest, "null"):
		p.at += len("null")
		return nil, nil
	}
	return p.number()
}

func (p *parser) object(depth int) (any, error) {
	o := map[string]any{}
	if p.take('}') {
		return o, nil
	}
	for {
		if !p.take('"') {
			return nil, p.unexpected("no name")
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		if _, twice := o[name]; twice {
			return nil, p.unexpected(fmt.Sprintf("a second %q", name))
		}
		if !p.take(':') {
			return nil, p.unexpected("no colon")
		}
		if o[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if p.take('}') {
			return o, nil
		}
		if !p.take(',') {
			return nil, p.unexpected("no end of an object")
		}
	}
}

func (p *parser) array(depth int) (any, error) {
	a := []any{}
	if p.take(']') {
		return a, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
		if p.take(']') {
			return a, nil
		}
		if !p.take(',') {
			return nil, p.unexpected("no end of an array")
		}
	}
}

// string reads a string behind its first quotation mark.
func (p *parser) string() (string, error) {
	var s []byte // what is before begin, if there was an escape
	begin := p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(append(s, p.text[begin:p.at-1]...)), nil
		case c == '\\':
			s = append(s, p.text[begin:p.at]...)
			p.at++
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			s = utf8.AppendRune(s, r)
			begin = p.at
			p.at--
		case c < ' ':
			return "", p.unexpected("a control character")
		}
	}
	return "", p.unexpected("no end of a string")
}

// escape reads what follows a backslash.
func (p *parser) escape() (rune, error) {
	if p.at < len(p.text) {
		if i := strings.IndexByte(`"\/bfnrt`, p.text[p.at]); i >= 0 {
			p.at++
			return rune("\"\\/\b\f\n\r\t"[i]), nil
		}
	}
	r, ok := p.unit()
	if ok && utf16.IsSurrogate(r) {
		ok = strings.HasPrefix(p.text[p.at:], `\`)
		p.at++
		var low rune
		if ok {
			low, ok = p.unit()
		}
		r = utf16.DecodeRune(r, low)
		ok = ok && r != utf8.RuneError
	}
	if !ok {
		return 0, p.unexpected("an unknown escape")
	}
	return r, nil
}

// unit reads a UTF-16 code unit, as in u00e9.
func (p *parser) unit() (rune, bool) {
	if p.at+5 > len(p.text) || p.text[p.at] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(p.text[p.at+1:p.at+5], 16, 16)
	p.at += 5
	return rune(v), err == nil
}

func (p *parser) number() (any, error) {
	begin := p.at
	digits := func() bool {
		from := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at > from
	}
	next := func(chars string) bool {
		if p.at < len(p.text) && strings.IndexByte(chars, p.text[p.at]) >= 0 {
			p.at++
			return true
		}
		return false
	}
	next("-")
	ok := next("0") || digits()
	if ok && next(".") {
		ok = digits()
	}
	if ok && next("eE") {
		next("+-")
		ok = digits()
	}
	if !ok {
		return nil, p.unexpected("no value")
	}
	return number(p.text[begin:p.at]), nil
}

// as returns v as a T, a string, number, map or slice that parseJSON made, with the
// error of what made it first.
func as[T any](v any, err error) (T, error) {
	t, ok := v.(T)
	if err == nil && !ok {
		err = fmt.Errorf("%s where another value is wanted", kind(v))
	}
	return t, err
}

// asInt returns v as a whole number.
func asInt(v any) (int, error) {
	n, err := as[number](v, nil)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(n))
}

func asInts(v any) ([]int, error) {
	list, err := as[[]any](v, nil)
	if err != nil {
		return nil, err
	}
	ints := make([]int, len(list))
	for i, v := range list {
		if ints[i], err = asInt(v); err != nil {
			return nil, err
		}
	}
	return ints, nil
}

func kind(v any) string {
	switch v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "list"
	case string:
		return "string"
	case number:
		return "number"
	case bool:
		return "true or false"
	}
	return "null"
}

// fields hands each value of an object to set, which answers errUnknown for a name that
// it does not know. All may be missing.
func fields(v any, set func(name string, v any) error) error {
	o, err := as[map[string]any](v, nil)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if err := set(name, o[name]); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return nil
}

var errUnknown = errors.New("unknown field")

// setInt and setString store v, or say that it is another kind of value.
func setInt(to *int, v any) (err error) {
	*to, err = asInt(v)
	return err
}

func setString[S ~string](to *S, v any) error {
	s, err := as[string](v, nil)
	*to = S(s)
	return err
}
