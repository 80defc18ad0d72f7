package main

import (
	"strings"
	"testing"

	"rakam/trainer/pretrained"
	"rakam/web"
)

// maxWeights is the budget of a version's weights, in bytes: as every browser is sent
// them, and for what cannot decompress.
var maxWeights = map[string]map[string]int{
	"best": {"br": 1_200_000, "gzip": 1_200_000, "": 2_000_000},
	"seed": {"br": 1_000_000, "gzip": 1_000_000, "": 1_000_000},
}

// TestShipped starts what main starts: the shipped versions and the real texts.
func TestShipped(t *testing.T) {
	r := start(t, func(p *Program) {
		p.Versions = pretrained.All
		p.Web = WebFiles{web.Templates, web.Locales, web.Dist}
	}).ready(t)
	for version, budget := range maxWeights {
		for accept, most := range budget {
			a := r.get(t, "/api/v1/models/"+version+"/weights", "Accept-Encoding", accept)
			t.Logf("weights of %s with Accept-Encoding %q: %d bytes", version, accept, len(a.Text))
			if len(a.Text) > most || a.StatusCode != 200 {
				t.Errorf("%s, Accept-Encoding %q: status %d, %d bytes, want at most %d", version, accept, a.StatusCode, len(a.Text), most)
			}
		}
	}
	play(t, r, []scenario{
		{name: "champion", path: "/api/v1/champion", status: 200, want: []string{`"version":"best"`}},
		{name: "recipe", path: "/api/v1/models/seed", status: 200, want: []string{`"recipe":"seed"`, `"epochs":20`, `"data_sha256":"`}},
		{name: "report", path: "/api/v1/models/seed/report", status: 200, want: []string{`"samples":10000`}},
		{name: "a drawn one", method: "POST", path: "/api/v1/predict", body: `{"strokes":[[[50,10],[50,40],[50,90]]]}`,
			headers: []string{"Content-Type", "application/json"}, status: 200, want: []string{`"digit":1,"verdict":"digit"`}},
		{name: "a drawn seven", method: "POST", path: "/api/v1/predict", body: `{"strokes":[[[20,20],[80,20],[45,100]]]}`,
			headers: []string{"Content-Type", "application/json"}, status: 200, want: []string{`"digit":7`}},
	})
	if strings.Contains(r.log.String(), `"level":"ERROR"`) {
		t.Errorf("errors in the log:\n%s", r.log)
	}
}
