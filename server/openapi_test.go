package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"gopkg.in/yaml.v3"

	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/trainer/runs"
)

// document is /openapi.yaml as generic maps and lists, as JSON decodes them too.
type document struct{ tree map[string]any }

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(openAPIText, &d.tree); err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows keys down from v.
func at(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func (d document) resolve(schema any) map[string]any {
	if ref, ok := at(schema, "$ref").(string); ok {
		return d.resolve(at(d.tree, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
	}
	m, _ := schema.(map[string]any)
	return m
}

// shape returns what schema, and all that allOf adds to it, requires and describes.
func (d document) shape(schema any) (required []any, properties map[string]any) {
	s := d.resolve(schema)
	required, _ = s["required"].([]any)
	own, _ := s["properties"].(map[string]any)
	properties = maps.Clone(own)
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		more, described := d.shape(part)
		required = append(required, more...)
		maps.Copy(properties, described)
	}
	return required, properties
}

// check returns what in value is not as schema says. A member that the schema
// does not describe counts: an answer must not hold more than its document.
func (d document) check(path string, schema, value any) []string {
	s := d.resolve(schema)
	if s == nil {
		return []string{path + ": no schema"}
	}
	if kinds := types(s["type"]); len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k string) bool { return isOf(k, value) }) {
		return []string{fmt.Sprintf("%s: %T is not of type %v", path, value, kinds)}
	}
	var wrong []string
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			wrong = append(wrong, d.check(fmt.Sprintf("%s[%d]", path, i), s["items"], item)...)
		}
	case map[string]any:
		required, properties := d.shape(s)
		if len(properties) == 0 && s["additionalProperties"] == nil {
			return nil // an object that the document leaves open
		}
		for _, key := range required {
			if _, ok := v[key.(string)]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s.%s is missing", path, key))
			}
		}
		for key, member := range v {
			described := properties[key]
			if described == nil {
				described = s["additionalProperties"]
			}
			wrong = append(wrong, d.check(path+"."+key, described, member)...)
		}
	case string:
		if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, value) {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not one of %v", path, v, enum))
		}
	}
	return wrong
}

func types(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, kind := range v {
			all = append(all, fmt.Sprint(kind))
		}
		return all
	}
	return nil
}

func isOf(kind string, value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return kind == "object"
	case []any:
		return kind == "array"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case int:
		return kind == "integer" || kind == "number"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int(v))
	}
	return kind == "null" && value == nil
}

// forPeople says whether a path is that of a page, a form or an asset.
func forPeople(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"", "report", "confusion", "assets", "train", "runs", "models", "compare", "corrections", "login", "logout", "sw.js"}, first)
}

// TestDocumentHasEveryRoute compares the routes with the document, both ways.
// Pages and their assets are for people and stay out of it.
func TestDocumentHasEveryRoute(t *testing.T) {
	s, err := newSite(Config{Addr: "127.0.0.1:0"}, fixtureWeb(), newLog(io.Discard, Config{}))
	if err != nil {
		t.Fatal(err)
	}
	var registered []string
	for _, route := range s.handler().(*echo.Echo).Routes() {
		if !forPeople(route.Path) && route.Method != http.MethodHead {
			registered = append(registered, route.Method+" "+route.Path)
		}
	}
	var documented []string
	for path, item := range at(readDocument(t).tree, "paths").(map[string]any) {
		path = strings.NewReplacer("{", ":", "}", "").Replace(path)
		for method := range item.(map[string]any) {
			if method != "parameters" {
				documented = append(documented, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(registered)
	slices.Sort(documented)
	if !slices.Equal(registered, documented) {
		t.Errorf("registered %v\ndocumented %v", registered, documented)
	}
}

// TestAnswersAreAsDocumented asks the running program for each answer in JSON.
func TestAnswersAreAsDocumented(t *testing.T) {
	d := readDocument(t)
	r := startTrainer(t, gated(report.Worse))
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`).ID, runs.Done)
	waiting := r.submit(t, `{"recipe":"slow"}`)
	kept := into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", aSeven), 201)
	a, b := "/api/v1/runs/"+run.ID, "/api/v1/runs/"+waiting.ID
	asked := map[string]bool{}
	for _, c := range []struct {
		method, path, route string
		body                string
		status              int
	}{
		{"put", "/api/v1/champion", "/api/v1/champion", `{"version":"` + run.Version + `"}`, 409},
		{"put", "/api/v1/champion", "/api/v1/champion", `{"version":"` + run.Version + `","override":true}`, 200},
		{"get", "/api/v1/champion", "/api/v1/champion", "", 200},
		{"get", "/api/v1/models", "/api/v1/models", "", 200},
		{"get", "/api/v1/models/seed", "/api/v1/models/{id}", "", 200},
		{"get", "/api/v1/models/" + run.Version, "/api/v1/models/{id}", "", 200},
		{"get", "/api/v1/models/seed/report", "/api/v1/models/{id}/report", "", 200},
		{"get", "/api/v1/models/" + run.Version + "/history", "/api/v1/models/{id}/history", "", 200},
		{"delete", "/api/v1/models/" + run.Version, "/api/v1/models/{id}", "", 409},
		{"post", "/api/v1/champion/rollback", "/api/v1/champion/rollback", "", 200},
		{"delete", "/api/v1/models/seed", "/api/v1/models/{id}", "", 403},
		{"post", "/api/v1/predict", "/api/v1/predict", `{"strokes":[]}`, 200},
		{"post", "/api/v1/predict", "/api/v1/predict", `{"strokes":[[[1,2]]]}`, 200},
		{"post", "/api/v1/predict?model=seed", "/api/v1/predict", `{"strokes":[[[1,2]]]}`, 200},
		{"post", "/api/v1/predict", "/api/v1/predict", `{}`, 422},
		{"get", "/api/v1/models/five", "/api/v1/models/{id}", "", 404},
		{"get", "/api/v1/recipes", "/api/v1/recipes", "", 200},
		{"get", "/api/v1/recipes/tiny/estimate", "/api/v1/recipes/{name}/estimate", "", 200},
		{"get", "/api/v1/runs", "/api/v1/runs", "", 200},
		{"post", "/api/v1/runs", "/api/v1/runs", `{"recipe":"tiny"}`, 202},
		{"post", "/api/v1/runs", "/api/v1/runs", `{"recipe":"tiny","epochs":0}`, 422},
		{"get", a, "/api/v1/runs/{id}", "", 200},
		{"delete", b, "/api/v1/runs/{id}", "", 202},
		{"delete", a, "/api/v1/runs/{id}", "", 409},
		{"post", a + "/resume", "/api/v1/runs/{id}/resume", "", 409},
		{"get", "/api/v1/corrections?all=1", "/api/v1/corrections", "", 200},
		{"post", "/api/v1/corrections", "/api/v1/corrections", aSeven, 200},
		{"post", "/api/v1/corrections", "/api/v1/corrections", anotherThree, 201},
		{"get", "/api/v1/corrections/" + kept.ID, "/api/v1/corrections/{id}", "", 200},
		{"post", "/api/v1/corrections/" + kept.ID + "/approve", "/api/v1/corrections/{id}/approve", "", 200},
		{"post", "/api/v1/corrections/import", "/api/v1/corrections/import", `{"label":5,"strokes":[[[1,2],[3,4]]]}`, 200},
		{"get", "/healthz", "/healthz", "", 200},
		{"get", "/readyz", "/readyz", "", 200},
		{"get", "/version", "/version", "", 200},
	} {
		a := r.send(t, strings.ToUpper(c.method), c.path, c.body)
		kind := a.Header.Get("Content-Type")
		answer := d.resolve(at(d.tree, "paths", c.route, c.method, "responses", fmt.Sprint(c.status)))
		schema := at(answer, "content", kind, "schema")
		var value any
		if err := json.Unmarshal([]byte(a.Text), &value); err != nil || a.StatusCode != c.status {
			t.Fatalf("%s %s: status %d, %v: %s", c.method, c.path, a.StatusCode, err, a.Text)
		}
		for _, wrong := range d.check(c.path, schema, value) {
			t.Error(wrong)
		}
		asked[c.method+" "+c.route] = true
	}
	for route, item := range at(d.tree, "paths").(map[string]any) {
		for method := range item.(map[string]any) {
			content := at(item, method, "responses", "200", "content", "application/json")
			if content != nil && !asked[method+" "+route] {
				t.Errorf("%s %s answers in JSON, and nobody looked at it", method, route)
			}
		}
	}
}

// TestExamplesAreAsDocumented: what the document shows is what it demands, and
// what it says to send is taken.
func TestExamplesAreAsDocumented(t *testing.T) {
	r, d := start(t).ready(t), readDocument(t)
	predict := at(d.tree, "paths", "/api/v1/predict", "post")
	for name, example := range at(predict, "requestBody", "content", "application/json", "examples").(map[string]any) {
		body, err := json.Marshal(at(example, "value"))
		if err != nil {
			t.Fatal(err)
		}
		if a := r.ask(t, "POST", "/api/v1/predict", strings.NewReader(string(body)), "Content-Type", "application/json"); a.StatusCode != 200 {
			t.Errorf("the example %q is answered with %d: %s", name, a.StatusCode, a.Text)
		}
	}
	content := at(predict, "responses", "200", "content", "application/json")
	for name, example := range at(content, "examples").(map[string]any) {
		for _, wrong := range d.check(name, at(content, "schema"), at(example, "value")) {
			t.Error(wrong)
		}
	}
}

// TestEnsembleIsAsDocumented: no version of the tests is one, so its spec is checked.
func TestEnsembleIsAsDocumented(t *testing.T) {
	b, err := json.Marshal(recipe.Best().Model())
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(b, &value); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range readDocument(t).check("spec", map[string]any{"$ref": "#/components/schemas/Spec"}, value) {
		t.Error(wrong)
	}
}

// TestTheCheckCanFail: without this, a check that finds nothing proves nothing.
func TestTheCheckCanFail(t *testing.T) {
	d := readDocument(t)
	schema := map[string]any{"$ref": "#/components/schemas/Reading"}
	for name, text := range map[string]string{
		"missing":     `{"digit":3,"verdict":"digit","candidates":[],"model":"seed"}`,
		"more":        `{"digit":3,"verdict":"digit","candidates":[],"probabilities":[],"model":"seed","extra":1}`,
		"wrong type":  `{"digit":"3","verdict":"digit","candidates":[],"probabilities":[],"model":"seed"}`,
		"wrong value": `{"digit":3,"verdict":"perhaps","candidates":[],"probabilities":[],"model":"seed"}`,
		"wrong item":  `{"digit":3,"verdict":"digit","candidates":["4"],"probabilities":[],"model":"seed"}`,
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if len(d.check("reading", schema, value)) != 1 {
			t.Errorf("%s: found %v", name, d.check("reading", schema, value))
		}
	}
}
