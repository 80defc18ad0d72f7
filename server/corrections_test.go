package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rakam/trainer/registry"
)

const (
	aSeven       = `{"strokes":[[[20,20],[80,20],[45,100]]],"label":7,"version":"seed"}`
	anotherThree = `{"strokes":[[[0,0],[9,9]],[[1,1]]],"label":3}`
)

func TestCorrectionsAPI(t *testing.T) {
	r := startTrainer(t)
	first := r.send(t, "POST", "/api/v1/corrections", aSeven)
	kept := into[registry.Correction](t, first, http.StatusCreated)
	if len(first.Cookies()) > 0 {
		t.Errorf("the person at the machine is given %v", first.Cookies())
	}
	if kept.State != registry.Approved || kept.Reading.Digit != 7 || kept.Version != "seed" || kept.Label != 7 {
		t.Errorf("kept %+v", kept)
	}
	if _, created, err := r.registry.AddCorrection(t.Context(), registry.Correction{Strokes: kept.Strokes, Label: kept.Label, State: registry.Pending, Author: "somebody"}); created || err != nil {
		t.Fatalf("the same by somebody else: %v, %v", created, err)
	}
	another := []string{"Cookie", "author=" + strings.Repeat("A", 26)} // as a browser had before
	bad := func(name, body, field string) scenario {
		return scenario{name: name, method: "POST", path: "/api/v1/corrections", body: body, headers: []string{"Content-Type", aJSON}, status: 422,
			header: []string{"Content-Type", aProblem, "Set-Cookie", ""}, want: []string{`"field":"` + field + `"`}, unwant: []string{"json:"}}
	}
	withReading := func(reading string) string {
		return `{"strokes":[[[1,1],[5,5]]],"label":1,"version":"seed","reading":` + reading + `}`
	}
	tens := "[0,0,0,0,0,0,0,0,0,1]"
	play(t, r.running, []scenario{
		{name: "twice is once", method: "POST", path: "/api/v1/corrections", body: aSeven, headers: []string{"Content-Type", aJSON}, status: 200,
			header: []string{"Location", "/api/v1/corrections/" + kept.ID, "Set-Cookie", ""}, want: []string{kept.ID}, unwant: []string{"author"}},
		{name: "mine", path: "/api/v1/corrections", status: 200, want: []string{kept.ID, `"strokes":[[[20,20],[80,20],[45,100]]]`}, unwant: []string{local}},
		{name: "mine in another browser", path: "/api/v1/corrections", headers: another, status: 200, want: []string{kept.ID}},
		{name: "everybody's", path: "/api/v1/corrections?all=1", status: 200, want: []string{kept.ID}},
		{name: "one", path: "/api/v1/corrections/" + kept.ID, status: 200, want: []string{kept.ID}},
		{name: "with the reading it had", method: "POST", path: "/api/v1/corrections", body: withReading(`{"digit":null,"verdict":"none","candidates":[],"probabilities":` + tens + `,"model":"seed"}`),
			headers: []string{"Content-Type", aJSON}, status: 201, want: []string{`"digit":null`, `"verdict":"none"`}},
		{name: "with the answer of predict", method: "POST", path: "/api/v1/corrections", body: `{"strokes":[[[1,1],[5,6]]],"label":1,"reading":{"digit":null,"verdict":"none","candidates":[],"probabilities":` + tens + `,"model":"seed"}}`,
			headers: []string{"Content-Type", aJSON}, status: 201, want: []string{`"version":"seed"`, `"verdict":"none"`}},
		{name: "export", path: "/api/v1/corrections.jsonl", status: 200, header: []string{"Content-Disposition", `attachment; filename="corrections.jsonl"`}, want: []string{`"label":7`, `[[20,20],[80,20],[45,100]]`}},

		{name: "as small as it was drawn", method: "POST", path: "/api/v1/corrections", body: `{"strokes":[[[0.4,0.4],[0.5,0.4],[0.45,0.5]]],"label":7,"side":1}`,
			headers: []string{"Content-Type", aJSON}, status: 201, want: []string{`"side":1`, `"verdict":"digit"`}},
		bad("a dot", `{"strokes":[[[0.5,0.5],[0.5,0.52]]],"label":1,"side":1}`, "strokes"),
		bad("a dot that was read elsewhere", `{"strokes":[[[5,5]]],"label":1,"version":"seed","reading":{"digit":1,"verdict":"digit","probabilities":[0,1,0,0,0,0,0,0,0,0]}}`, "strokes"),
		bad("no side", `{"strokes":[[[1,2]]],"label":3,"side":0}`, "side"),
		bad("endless side", `{"strokes":[[[1,2]]],"label":3,"side":1e12}`, "side"),
		bad("no strokes", `{"label":3}`, "strokes"),
		bad("no ink", `{"strokes":[],"label":3}`, "strokes"),
		bad("empty strokes", `{"strokes":[[]],"label":3}`, "strokes"),
		bad("no label", `{"strokes":[[[1,2]]]}`, "label"),
		bad("no label by a word", `{"strokes":[[[1,2]]],"label":"none"}`, "label"),
		bad("label 10", `{"strokes":[[[1,2]]],"label":10}`, "label"),
		bad("label -1", `{"strokes":[[[1,2]]],"label":-1}`, "label"),
		bad("label in words", `{"strokes":[[[1,2]]],"label":"3"}`, "label"),
		bad("verdict", withReading(`{"digit":1,"verdict":"maybe","probabilities":`+tens+`}`), "reading.verdict"),
		bad("digit", withReading(`{"digit":10,"verdict":"digit","probabilities":`+tens+`}`), "reading.digit"),
		bad("probabilities", withReading(`{"digit":1,"verdict":"digit","probabilities":[1]}`), "reading.probabilities"),
		bad("infinite probability", withReading(`{"digit":1,"verdict":"digit","probabilities":[1e999,0,0,0,0,0,0,0,0,0]}`), "reading.probabilities"),
		bad("reading without version", strings.Replace(withReading(`{"verdict":"none","probabilities":`+tens+`}`), "seed", "", 1), "version"),
		{name: "infinite point", method: "POST", path: "/api/v1/corrections", body: `{"strokes":[[[1e999,2]]],"label":3}`, headers: []string{"Content-Type", aJSON}, status: 422},
		{name: "unknown version", method: "POST", path: "/api/v1/corrections", body: `{"strokes":[[[1,1],[5,5]]],"label":3,"version":"seed-00000000"}`, headers: []string{"Content-Type", aJSON}, status: 404},
		{name: "too large for the registry", method: "POST", path: "/api/v1/corrections", body: manyPoints(11_000), headers: []string{"Content-Type", aJSON}, status: 413, want: []string{"problem:too-large"}},
		{name: "too large for the server", method: "POST", path: "/api/v1/corrections", body: manyPoints(30_000), headers: []string{"Content-Type", aJSON}, status: 413},
		{name: "not from here", method: "POST", path: "/api/v1/corrections", body: aSeven, headers: []string{"Content-Type", aJSON, "Sec-Fetch-Site", "cross-site"}, status: 403},

		{name: "no digit", method: "POST", path: "/api/v1/corrections", body: `{"strokes":[[[0,0],[60,40],[0,80]]],"label":null}`, headers: []string{"Content-Type", aJSON}, status: 201, want: []string{`"label":null`, `"version":"seed"`}},
		{name: "no digit, for export", path: "/api/v1/corrections.jsonl", status: 200, want: []string{`"label":null`, `"label":7`}},
		{name: "unknown", path: "/api/v1/corrections/0123", status: 404},
		{name: "approve nothing", method: "POST", path: "/api/v1/corrections/0123/approve", status: 404},
		{name: "import", method: "POST", path: "/api/v1/corrections/import", body: "{\"label\":5,\"strokes\":[[[1,2],[3,4]]]}\n{\"label\":6,\"strokes\":[[[1,2],[3,5]]]}\n", status: 200, want: []string{`{"added":2}`}},
		{name: "import again", method: "POST", path: "/api/v1/corrections/import", body: "{\"label\":5,\"strokes\":[[[1,2],[3,4]]]}\n", status: 200, want: []string{`{"added":0}`}},
		{name: "import what is no digit", method: "POST", path: "/api/v1/corrections/import", body: "{\"label\":null,\"strokes\":[[[1,2],[9,4]]]}\n{\"label\":6,\"strokes\":[[[1,2],[9,5]]]}\n", status: 200, want: []string{`{"added":2}`}},
		{name: "import without a word of what it is", method: "POST", path: "/api/v1/corrections/import", body: "{\"strokes\":[[[1,2],[3,4]]]}\n", status: 422, want: []string{"label is missing, want 0 to 9, or null for what is no digit"}},
		{name: "import what is not one", method: "POST", path: "/api/v1/corrections/import", body: "{\"label\":5,\"strokes\":[[[1,2],[3,7]]]}\n{\"label\":50}\n", status: 422, want: []string{"1 corrections were added", "problem:invalid"}},
		{name: "list in no state", path: "/api/v1/corrections?state=aproved", status: 422, want: []string{"problem:invalid", "pending or approved"}},
		{name: "export in no state", path: "/api/v1/corrections.jsonl?state=aproved", status: 422},
		{name: "delete one's own", method: "DELETE", path: "/api/v1/corrections/" + kept.ID + "?mine=1", status: 204},
		{name: "delete one's own twice", method: "DELETE", path: "/api/v1/corrections/" + kept.ID + "?mine=1", status: 404},
		{name: "somebody else's stays", path: "/api/v1/corrections.jsonl", status: 200, want: []string{kept.ID}},
		{name: "delete", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, status: 204},
		{name: "delete twice", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, status: 404},
		{name: "gone", path: "/api/v1/corrections", status: 200, unwant: []string{kept.ID}},
	})
}

// manyPoints is a correction of about six bytes a point.
func manyPoints(n int) string {
	var points []string
	for i := range n {
		points = append(points, fmt.Sprintf("[%d,%d]", i%10, i/10%10))
	}
	return `{"label":1,"strokes":[[` + strings.Join(points, ",") + `]]}`
}

// authorOf is the cookie that an answer sets, which scripts can't read.
func authorOf(t *testing.T, a answer) string {
	t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == authorCookie {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge < 300*24*3600 || c.Path != "/" {
				t.Errorf("the author's cookie is %s", c)
			}
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("no author: %v", a.Header)
	return ""
}

func TestCorrectionsAreAnEvent(t *testing.T) {
	r := startTrainer(t)
	l := r.listen(t, "/api/v1/events")
	l.next(t)
	kept := into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", anotherThree), 201)
	if e := l.next(t); e.kind != "correction" {
		t.Errorf("heard %+v", e)
	}
	if a := r.send(t, "DELETE", "/api/v1/corrections/"+kept.ID, ""); a.StatusCode != 204 { // by the person at the machine
		t.Errorf("delete: %d %s", a.StatusCode, a.Text)
	}
	if e := l.next(t); e.kind != "correction" {
		t.Errorf("heard %+v", e)
	}
}
