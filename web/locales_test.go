package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// catalogue reads every text of a language, as the server merges them.
func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := fs.Glob(Locales, lang+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue of %s: %v", lang, err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(Locales, file)
		if err != nil {
			t.Fatal(err)
		}
		var part map[string]string
		if err := json.Unmarshal(text, &part); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key := range part {
			if prefix := strings.TrimSuffix(path.Base(file), ".json") + "."; !strings.HasPrefix(key, prefix) {
				t.Errorf("%s: key %q does not start with %q", file, key, prefix)
			}
		}
		maps.Copy(all, part)
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// placeholders are the {names} of a text, each once, sorted.
func placeholders(text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(text, -1))))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	tr, en := catalogue(t, "tr"), catalogue(t, "en")
	for key, text := range tr {
		other, ok := en[key]
		switch {
		case !ok:
			t.Errorf("%s has no English text", key)
		case strings.TrimSpace(text) == "" || strings.TrimSpace(other) == "":
			t.Errorf("%s is empty", key)
		case !slices.Equal(placeholders(text), placeholders(other)):
			t.Errorf("%s has %v in Turkish and %v in English", key, placeholders(text), placeholders(other))
		}
	}
	for key := range en {
		if _, ok := tr[key]; !ok {
			t.Errorf("%s has no Turkish text", key)
		}
	}
}

// mention finds keys where they are used. One that ends in a dot is completed at
// run time, as in (print "report.tutorial." .Place), and uses every key it begins.
var mention = regexp.MustCompile(`(?:\bt (?:\(print )?|\bt\([^"\n]*|[?:] )"((?:common|draw|report|confusion|recipe|train|run|models|compare|corrections|login)\.[\w.-]*)"`)

// mentioned returns the keys that templates and scripts use, each with a file that does.
func mentioned(t *testing.T) map[string]string {
	t.Helper()
	sources := os.DirFS(".")
	found := map[string]string{}
	for _, pattern := range []string{"templates/*.html", "src/*.ts"} {
		files, err := fs.Glob(sources, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(sources, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range mention.FindAllSubmatch(text, -1) {
				key := string(match[1])
				if strings.Index(key, ".") == len(key)-1 {
					t.Errorf("%s completes %q, so that no key of that catalogue would be missed: name what its keys are of, as in %sproblem.", file, key, key)
				}
				found[key] = file
			}
		}
	}
	return found
}

func TestEveryKeyUsedExists(t *testing.T) {
	keys := catalogue(t, "en")
	for key, file := range mentioned(t) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(keys)), uses(key)) {
			t.Errorf("%s uses %q, which no catalogue has", file, key)
		}
	}
}

// The server's own texts are left out: it makes their keys from the kinds of
// problem there are and the ways a store can be missing, and its tests go through
// those.
func TestEveryKeyIsUsed(t *testing.T) {
	used := mentioned(t)
	for key := range catalogue(t, "en") {
		if strings.HasPrefix(key, "server.") || strings.HasPrefix(key, "store.") {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(used)), func(mention string) bool { return uses(mention)(key) }) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// uses says of a key whether the mention stands for it.
func uses(mention string) func(key string) bool {
	return func(key string) bool {
		return key == mention || strings.HasSuffix(mention, ".") && strings.HasPrefix(key, mention)
	}
}
