package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pkg is what the rules of the house ask of `go list`.
type pkg struct {
	ImportPath, Dir, Doc               string
	Imports, TestImports, XTestImports []string
	GoFiles, IgnoredGoFiles            []string
}

// packages lists the packages of the module, as a machine with that target
// sees them.
func packages(t *testing.T, env ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json", "rakam/...")
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("only %d packages found", len(all))
	}
	return all
}

// TestPackagesSayWhatTheyAre: every package has a doc comment.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && len(p.Doc) < 20 {
			t.Errorf("%s has no doc comment", p.ImportPath)
		}
	}
}

// TestImportsRunOneWay: wasm is below everything, web beside it, trainer
// stands on wasm, server on all.
func TestImportsRunOneWay(t *testing.T) {
	may := map[string][]string{
		"wasm":    {"wasm"},
		"web":     {"web"},
		"trainer": {"trainer", "wasm"},
		"server":  {"server", "trainer", "wasm", "web"},
	}
	for _, p := range slices.Concat(packages(t), packages(t, "GOOS=js", "GOARCH=wasm", "GOFLAGS=-tags=kernel")) {
		room := strings.Split(p.ImportPath, "/")[1]
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if rest, ok := strings.CutPrefix(i, "rakam/"); ok && !slices.Contains(may[room], strings.Split(rest, "/")[0]) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
			if i == "syscall/js" {
				t.Errorf("%s imports syscall/js: use safejs", p.ImportPath)
			}
			if room == "wasm" && strings.Contains(i, "gomlx") {
				t.Errorf("%s imports %s: GoMLX stays out of the browser", p.ImportPath, i)
			}
		}
	}
}

// sources walks the files that people wrote.
func sources(t *testing.T, visit func(path string, content []byte)) {
	t.Helper()
	skip := []string{".git", "node_modules", "dist", "bin", "data", "test-results", "playwright-report"}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skip, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // somebody's temporary file
			return nil
		}
		visit(path, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPagesStayHome: no template, script or style names another host, but as
// the target of a link that a person may follow, or as an XML namespace.
func TestPagesStayHome(t *testing.T) {
	url := regexp.MustCompile(`(https?:)?//[a-z0-9-]+\.[a-z0-9.-]*[a-z]`)
	harmless := regexp.MustCompile(`<a [^>]*href="https?://[^"]*"|http://www\.w3\.org/(2000/svg|1999/xlink)`)
	n := 0
	sources(t, func(path string, content []byte) {
		if !strings.HasPrefix(path, "../web/") || strings.Contains(path, "/e2e/") ||
			!slices.Contains([]string{".html", ".ts", ".css", ".json", ".svg"}, filepath.Ext(path)) || strings.HasSuffix(path, "package-lock.json") {
			return
		}
		n++
		if found := url.Find(harmless.ReplaceAll(content, nil)); found != nil {
			t.Errorf("%s names another host: %s", path, found)
		}
	})
	if n < 5 {
		t.Errorf("only %d files of pages were found", n)
	}
}

// TestTopLevel: the house has four rooms.
func TestTopLevel(t *testing.T) {
	allowed := []string{"trainer", "wasm", "web", "server", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE",
		"bin", "data", "runs"} // the last three are git-ignored
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

// TestReadme: what the README shows and links to is there.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(string(text), -1)
	if len(links) < 2 {
		t.Errorf("only %d links were found", len(links))
	}
	for _, l := range links {
		if _, err := os.Stat(filepath.Join("..", l[1])); err != nil {
			t.Errorf("README.md links to %s: %v", l[1], err)
		}
	}
}
