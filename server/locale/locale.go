// Package locale knows the two languages of Rakam: which one a reader wants,
// the texts in it, and how it writes numbers.
package locale

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language by its BCP 47 tag, which is also its value in <html lang>
// and its folder in web/locales.
type Lang string

const (
	Turkish Lang = "tr"
	English Lang = "en" // also the answer to a reader who asks for neither
)

// Langs are the languages there are, the default first.
var Langs = []Lang{English, Turkish}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Turkish})

// Parse returns the language with exactly this tag.
func Parse(tag string) (Lang, bool) {
	l := Lang(tag)
	return l, slices.Contains(Langs, l)
}

// Accept returns the language that an Accept-Language header likes best.
func Accept(header string) Lang {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return English
	}
	_, i, _ := matcher.Match(tags...)
	return Langs[i]
}

// Catalogue holds the texts of one language by key, as in "draw.clear".
type Catalogue map[string]string

// Text returns the text of key with each {name} replaced by its value, given as
// name, value, name, value. A missing key is an error: a page must never show one.
func (c Catalogue) Text(key string, args ...any) (string, error) {
	text, ok := c[key]
	if !ok {
		return "", fmt.Errorf("locale: no text %q", key)
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("locale: text %q: arguments are name, value, …; got %d of them", key, len(args))
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text), nil
}

// Under returns the texts whose key starts with one of the prefixes and a dot.
func (c Catalogue) Under(prefixes ...string) Catalogue {
	sub := Catalogue{}
	for key, text := range c {
		if prefix, _, ok := strings.Cut(key, "."); ok && slices.Contains(prefixes, prefix) {
			sub[key] = text
		}
	}
	return sub
}

// Load reads LANG/*.json of every language: flat objects, each key starting with
// the name of its file. A key that is missing in one language is an error.
func Load(files fs.FS) (map[Lang]Catalogue, error) {
	all := map[Lang]Catalogue{}
	for _, lang := range Langs {
		catalogue, err := loadOne(files, lang)
		if err != nil {
			return nil, err
		}
		all[lang] = catalogue
	}
	for _, lang := range Langs {
		for _, other := range Langs {
			if missing := missing(all[lang], all[other]); len(missing) > 0 {
				return nil, fmt.Errorf("locale: %s has no text for %s", other, strings.Join(missing, ", "))
			}
		}
	}
	return all, nil
}

// missing returns the keys of a that b lacks.
func missing(a, b Catalogue) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a)), func(key string) bool {
		_, ok := b[key]
		return ok
	})
}

func loadOne(files fs.FS, lang Lang) (Catalogue, error) {
	names, err := fs.Glob(files, string(lang)+"/*.json")
	if err != nil {
		return nil, err
	}
	catalogue := Catalogue{}
	for _, name := range names {
		if err := add(catalogue, files, name); err != nil {
			return nil, fmt.Errorf("locale: %s: %w", name, err)
		}
	}
	return catalogue, nil
}

func add(catalogue Catalogue, files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var part map[string]string
	if err := json.Unmarshal(text, &part); err != nil {
		return err
	}
	prefix := strings.TrimSuffix(path.Base(name), ".json") + "."
	for key, value := range part {
		if !strings.HasPrefix(key, prefix) {
			return fmt.Errorf("key %q does not start with %q", key, prefix)
		}
		catalogue[key] = value
	}
	return nil
}
