package nn

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// oracle reads a text as encoding/json does, in parseJSON's types.
func oracle(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = numbers(v[name])
		}
	}
	return v
}

var texts = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `12.5e-3`, `1E+9`, `true`, `false`, `null`, " \t\r\n[ 1 , 2 ] ",
	strings.Repeat("[", deepest+1) + strings.Repeat("]", deepest+1), `{"a":{"b":[{},[],"c",null]},"d":-1.50}`, `"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é😀"`, `{"\u0061":1}`,
	``, ` `, `{`, `[`, `"`, `"\`, `"\u12`, `"\u12g4"`, `"\x"`, "\"\n\"", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[1,]`, `[,]`, `[1 2]`,
	`{1:2}`, `01`, `-`, `+1`, `.5`, `1.`, `1e`, `1e+`, `0x1`, `NaN`, `tru`, `truefalse`, `nul`, `1 2`, `{} {}`, `'a'`, `[1]]`,
}

// TestParseJSON: what is JSON is read as encoding/json reads it, and what is not is
// refused as it refuses it.
func TestParseJSON(t *testing.T) {
	for _, text := range texts {
		got, err := parseJSON(text)
		want, wantErr := oracle(text)
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %#v, %v; want %#v, %v", text, got, err, want, wantErr)
		}
	}
}

// TestParseJSONStrictly: where encoding/json guesses, parseJSON refuses.
func TestParseJSONStrictly(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":2,"a":3}`:   `a second "a"`,
		"\"\xff\"":              "no UTF-8",
		`"\ud83d"`:              "escape",
		`"\ude00\ud83d"`:        "escape",
		strings.Repeat("[", 99): "too deep",
	} {
		if v, err := parseJSON(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %#v, %v; want an error with %q", text, v, err, want)
		}
	}
}

// FuzzParseJSON: encoding/json accepts the same, but for what parseJSON is stricter about.
func FuzzParseJSON(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text := string(b)
		got, err := parseJSON(text)
		want, wantErr := oracle(text)
		switch {
		case err == nil && (wantErr != nil || !reflect.DeepEqual(got, want)):
			t.Fatalf("%q is %#v, want %#v, %v", text, got, want, wantErr)
		case err != nil && wantErr == nil && !stricter(text, want, err.Error()):
			t.Fatalf("%q is refused (%v), and %#v", text, err, want)
		}
	})
}

// stricter reports whether parseJSON is known to refuse more than encoding/json.
func stricter(text string, want any, err string) bool {
	return !utf8.ValidString(text) || strings.Contains(err, "a second") || strings.Contains(err, "too deep") ||
		strings.Contains(err, "escape") && strings.ContainsRune(fmt.Sprint(want), utf8.RuneError)
}
