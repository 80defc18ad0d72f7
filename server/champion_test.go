package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"rakam/trainer/registry"
	"rakam/trainer/report"
)

func (r *running) promote(t testing.TB, body string, headers ...string) answer {
	t.Helper()
	return r.send(t, "PUT", "/api/v1/champion", body, headers...)
}

func TestChampionAPI(t *testing.T) {
	r := startTrainer(t)
	a, b := r.addVersion(t, 1), r.addVersion(t, 2)
	put := func(name, body string, status int, want ...string) scenario {
		return scenario{name: name, method: "PUT", path: "/api/v1/champion", body: body, headers: []string{"Content-Type", aJSON}, status: status, want: want, unwant: []string{"json:"}}
	}
	play(t, r.running, []scenario{
		put("nothing", `{}`, 422, `"field":"version"`),
		put("unknown version", `{"version":"seed-00000000"}`, 404),
		put("no version's name", `{"version":"../x"}`, 404),
		put("more", `{"version":"seed","by":"me"}`, 422, `"field":"by"`),
		put("override in words", `{"version":"seed","override":"yes"}`, 422, `"field":"override"`),
		put("the champion itself", `{"version":"seed"}`, 200, `"version":"seed"`),
		{name: "nothing to roll back to", method: "POST", path: "/api/v1/champion/rollback", status: 404},
		put("another", `{"version":"`+a.ID+`"}`, 200, `"version":"`+a.ID, `"previous":"seed"`, `"links":{`),
		put("yet another", `{"version":"`+b.ID+`"}`, 200, `"previous":"`+a.ID),
		{name: "delete the champion", method: "DELETE", path: "/api/v1/models/" + b.ID, status: 409, want: []string{"problem:champion", "promote another"}},
		{name: "delete what ships", method: "DELETE", path: "/api/v1/models/seed", status: 403, want: []string{"problem:shipped"}},
		{name: "delete nothing", method: "DELETE", path: "/api/v1/models/seed-00000000", status: 404},
		{name: "roll back", method: "POST", path: "/api/v1/champion/rollback", status: 200, want: []string{`"version":"` + a.ID}},
		{name: "delete another", method: "DELETE", path: "/api/v1/models/" + b.ID, status: 204},
		{name: "delete it twice", method: "DELETE", path: "/api/v1/models/" + b.ID, status: 404},
		{name: "what is deleted", path: "/api/v1/models/" + b.ID, status: 404},
		{name: "its weights", path: "/api/v1/models/" + b.ID + "/weights", status: 404},
		put("promote what is deleted", `{"version":"`+b.ID+`"}`, 404),
		{name: "listed", path: "/api/v1/models", status: 200, want: []string{a.ID, `"champion":"` + a.ID}, unwant: []string{`"id":"` + b.ID}},
	})
}

func TestWorseNeedsAnOverride(t *testing.T) {
	r := startTrainer(t, gated(report.Worse))
	v := r.addVersion(t, 1)
	play(t, r.running, []scenario{
		{name: "refused", method: "PUT", path: "/api/v1/champion", body: `{"version":"` + v.ID + `"}`, headers: []string{"Content-Type", aJSON}, status: 409,
			header: []string{"Content-Type", aProblem}, want: []string{"problem:worse", `"gate":{"samples":100`, `"only_champion":40,"only_challenger":10`, `"p":0.0001`, "override"}},
		{name: "the champion stays", path: "/api/v1/champion", status: 200, want: []string{`"version":"seed"`}},
		{name: "overridden", method: "PUT", path: "/api/v1/champion", body: `{"version":"` + v.ID + `","override":true}`, headers: []string{"Content-Type", aJSON}, status: 200,
			want: []string{`"override":true`, `"verdict":"worse"`}},
		{name: "recorded", path: "/api/v1/models/" + v.ID, status: 200, want: []string{`"override":true`, `"by":"administrator"`}},
	})
}

// TestRollBackAfterAnOverride: going back twice does not bring the refused version
// back.
func TestRollBackAfterAnOverride(t *testing.T) {
	r := startTrainer(t, gated(report.Worse))
	v := r.addVersion(t, 1)
	back := func(status int, want string) scenario {
		return scenario{name: "back", method: "POST", path: "/api/v1/champion/rollback", status: status, want: []string{want}}
	}
	play(t, r.running, []scenario{
		{name: "overridden", method: "PUT", path: "/api/v1/champion", body: `{"version":"` + v.ID + `","override":true}`, headers: []string{"Content-Type", aJSON}, status: 200},
		back(200, `"version":"seed","previous":"`+v.ID),
		back(404, "problem:not-found"),
		{name: "recorded", path: "/api/v1/champion", status: 200, want: []string{`"version":"seed"`, `"rollback":true`}, unwant: []string{"override"}},
	})
}

func TestOverrideIsNotRecordedWhereItWasNotNeeded(t *testing.T) {
	r := startTrainer(t)
	v := r.addVersion(t, 1)
	if a := r.promote(t, `{"version":"`+v.ID+`","override":true}`); a.StatusCode != 200 || strings.Contains(a.Text, `"override"`) {
		t.Errorf("%d %s", a.StatusCode, a.Text)
	}
}

func TestTwoPeoplePromote(t *testing.T) {
	r := startTrainer(t)
	versions := []registry.Version{r.addVersion(t, 1), r.addVersion(t, 2)}
	first := r.get(t, "/api/v1/champion")
	tag := first.Header.Get("ETag")
	if again := r.get(t, "/api/v1/champion", "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag the champion is answered with %d", again.StatusCode)
	}
	answers := make([]answer, 2)
	var all sync.WaitGroup
	for i, v := range versions {
		all.Go(func() { answers[i] = r.promote(t, `{"version":"`+v.ID+`"}`, "If-Match", tag) })
	}
	all.Wait()
	won := 0
	if answers[1].StatusCode == 200 {
		won = 1
	}
	if answers[won].StatusCode != 200 || answers[1-won].StatusCode != 409 || !strings.Contains(answers[1-won].Text, "problem:conflict") {
		t.Errorf("answers %d %s and %d %s", answers[0].StatusCode, answers[0].Text, answers[1].StatusCode, answers[1].Text)
	}
	if got := r.champion(t).Version; got != versions[won].ID {
		t.Errorf("the champion is %s, the one who was told so promoted %s", got, versions[won].ID)
	}
	if a := r.send(t, "POST", "/api/v1/champion/rollback", "", "If-Match", tag); a.StatusCode != 409 {
		t.Errorf("a rollback of what was is answered with %d", a.StatusCode)
	}
	now := r.get(t, "/api/v1/champion").Header.Get("ETag")
	revision, _, _ := strings.Cut(now, "-")
	if a := r.send(t, "POST", "/api/v1/champion/rollback", "", "If-Match", revision+`-seed"`); a.StatusCode != 409 {
		t.Errorf("a rollback of another version under the same revision is answered with %d", a.StatusCode)
	}
	if a := r.send(t, "POST", "/api/v1/champion/rollback", "", "If-Match", `"nonsense"`); a.StatusCode != 409 {
		t.Errorf("a rollback of nonsense is answered with %d", a.StatusCode)
	}
}

// TestAPromotionThatIsNotAnnounced is one all the same: who was told that it failed
// would roll back once more than he wants.
func TestAPromotionThatIsNotAnnounced(t *testing.T) {
	r := startTrainer(t)
	a, b := r.addVersion(t, 1), r.addVersion(t, 2)
	for _, v := range []registry.Version{a, b} {
		into[championBody](t, r.promote(t, `{"version":"`+v.ID+`"}`), 200)
	}
	if err := r.site.jet().JS.DeleteStream(t.Context(), "rakam_events"); err != nil {
		t.Fatal(err)
	}
	back := into[championBody](t, r.send(t, "POST", "/api/v1/champion/rollback", ""), 200)
	if back.Version != a.ID || back.Previous != b.ID || r.champion(t).Version != a.ID {
		t.Errorf("rolled back to %+v", back)
	}
	again := into[championBody](t, r.promote(t, `{"version":"`+b.ID+`"}`), 200)
	if again.Version != b.ID || again.Previous != a.ID {
		t.Errorf("promoted %+v", again)
	}
}
