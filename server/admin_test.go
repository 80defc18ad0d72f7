package main

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rakam/trainer/registry"
	"rakam/trainer/runs"
)

const theToken = "a secret that is long enough"

// public makes the server believe that it can be reached from elsewhere.
func public(p *Program) {
	if err := p.Listen(); err != nil { // on loopback all the same
		panic(err)
	}
	p.Config.Addr, p.Config.AdminToken = "0.0.0.0:80", theToken
	withRealPages()(p)
	p.Versions = seedOnly
}

func TestStrangers(t *testing.T) {
	r := startTrainer(t, public)
	v := r.addVersion(t, 1)
	posted := r.send(t, "POST", "/api/v1/corrections", aSeven)
	kept := into[registry.Correction](t, posted, 201)
	if kept.State != registry.Pending {
		t.Errorf("a stranger's correction is %s at once", kept.State)
	}
	mine := authorOf(t, posted)
	refused := func(method, path, body string) scenario {
		return scenario{name: method + " " + path, method: method, path: path, body: body, headers: []string{"Content-Type", aJSON, "Cookie", mine}, status: 401,
			header: []string{"Content-Type", aProblem, "Www-Authenticate", `Bearer realm="rakam"`}, want: []string{"problem:unauthorised", "/login"}}
	}
	play(t, r.running, []scenario{
		refused("POST", "/api/v1/runs", `{"recipe":"tiny"}`),
		refused("DELETE", "/api/v1/runs/0123456789ab", ""),
		refused("POST", "/api/v1/runs/0123456789ab/resume", ""),
		refused("GET", "/api/v1/recipes/tiny/estimate", ""),
		refused("PUT", "/api/v1/champion", `{"version":"`+v.ID+`"}`),
		refused("POST", "/api/v1/champion/rollback", ""),
		refused("DELETE", "/api/v1/models/"+v.ID, ""),
		refused("GET", "/api/v1/corrections?all=1", ""),
		refused("POST", "/api/v1/corrections/"+kept.ID+"/approve", ""),
		refused("GET", "/api/v1/corrections.jsonl", ""),
		refused("POST", "/api/v1/corrections/import", "{}"),
		{name: "read", path: "/api/v1/runs", status: 200},
		{name: "recipes, for which nothing is trained", path: "/api/v1/recipes", status: 200, want: []string{`"seconds_per_epoch":null`}, unwant: []string{`"seconds_per_epoch":0`}},
		{name: "models", path: "/api/v1/models", status: 200, want: []string{v.ID}},
		{name: "by any name", path: "/healthz", headers: []string{"Host", "rakam.example"}, status: 200},
		{name: "one's own", path: "/api/v1/corrections", headers: []string{"Cookie", mine}, status: 200, want: []string{kept.ID}},
		{name: "another's", path: "/api/v1/corrections/" + kept.ID, headers: []string{"Cookie", "author=" + strings.Repeat("A", 26)}, status: 404},
		{name: "another's without a cookie", path: "/api/v1/corrections/" + kept.ID, status: 404},
		{name: "delete another's", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, headers: []string{"Cookie", "author=" + strings.Repeat("A", 26)}, status: 404},
		{name: "delete without a cookie", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, status: 404},
		{name: "delete with an empty cookie", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, headers: []string{"Cookie", "author="}, status: 404},
		{name: "an old cookie", path: "/api/v1/corrections?all=1", headers: []string{"Cookie", "admin=1.00"}, status: 401},
		{name: "a forged cookie", path: "/api/v1/corrections?all=1", headers: []string{"Cookie", "admin=9999999999." + strings.Repeat("0", 64)}, status: 401},
		{name: "the token as cookie", path: "/api/v1/corrections?all=1", headers: []string{"Cookie", "admin=" + theToken}, status: 401},
		{name: "the token in the address", path: "/api/v1/corrections?all=1&token=" + strings.ReplaceAll(theToken, " ", "+"), status: 401},

		{name: "approve", method: "POST", path: "/api/v1/corrections/" + kept.ID + "/approve", headers: []string{"Authorization", "Bearer " + theToken}, status: 200, want: []string{`"state":"approved"`}},
		{name: "everything", path: "/api/v1/corrections?all=1", headers: []string{"Authorization", "bearer " + theToken}, status: 200, want: []string{kept.ID}},
		{name: "promote", method: "PUT", path: "/api/v1/champion", body: `{"version":"` + v.ID + `"}`, headers: []string{"Content-Type", aJSON, "Authorization", "Bearer " + theToken}, status: 200},
		{name: "delete one's own", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, headers: []string{"Cookie", mine}, status: 204},
	})
	for range mostMail {
		r.send(t, "POST", "/api/v1/corrections", aSeven)
	}
	if a := r.send(t, "POST", "/api/v1/corrections", aSeven); a.StatusCode != 429 || a.Header.Get("Retry-After") != "60" {
		t.Errorf("a flood is answered with %d", a.StatusCode)
	}
}

// TestStrangersHearNoHostNames: what the machines that train are called is for the
// administrator.
func TestStrangersHearNoHostNames(t *testing.T) {
	const host = "cellar-3"
	r := startTrainer(t, public, func(p *Program) {
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) {
			prepare(w)
			w.Name, w.Machine = host+"-1", host+" (2 CPU)"
		}
	})
	admin := []string{"Authorization", "Bearer " + theToken}
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`, admin...).ID, runs.Done)
	heard := func(headers ...string) string {
		var all strings.Builder
		for _, path := range []string{"/api/v1/runs", "/api/v1/runs/" + run.ID, "/runs/" + run.ID} {
			all.WriteString(r.get(t, path, headers...).Text)
		}
		for _, path := range []string{"/api/v1/runs/" + run.ID + "/events", "/api/v1/events?after=0"} {
			l := r.listen(t, path, headers...)
			for e := l.next(t); ; e = l.next(t) {
				all.WriteString(e.data)
				if e.kind == runs.KindState && strings.Contains(e.data, `"done"`) {
					break
				}
			}
			l.close()
		}
		return all.String()
	}
	if n := strings.Count(heard(admin...), host); n < 6 { // two in the list and the run, one on the page, one and more in the events
		t.Errorf("the administrator hears of it %d times", n)
	}
	if text := heard(); strings.Contains(text, host) {
		t.Errorf("a stranger hears %s", text)
	}
}

// TestGuessingTheToken: guesses are counted one by one however many come at once,
// and keep nobody out who has the token, from the same address too.
func TestGuessingTheToken(t *testing.T) {
	r := startTrainer(t, public)
	guess, right := []string{"Authorization", "Bearer guess"}, []string{"Authorization", "Bearer " + theToken}
	const all = "/api/v1/corrections?all=1"
	var count [600]atomic.Int32
	var guesses sync.WaitGroup
	for range 3 * mostAttempts {
		guesses.Go(func() { count[r.get(t, all, guess...).StatusCode].Add(1) })
	}
	guesses.Wait()
	if wrong, refused := count[401].Load(), count[429].Load(); wrong != mostAttempts || refused != 2*mostAttempts {
		t.Errorf("%d guesses were wrong and %d too many", wrong, refused)
	}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	play(t, r.running, []scenario{
		{name: "one more", path: all, headers: guess, status: 429, header: []string{"Retry-After", "60"}},
		{name: "at the door too", method: "POST", path: "/login", body: "token=guess", headers: form, status: 429},
		{name: "the right one", path: all, headers: right, status: 200},
		{name: "the right one at the door", method: "POST", path: "/login", body: "token=" + theToken, headers: form, status: 303},
		{name: "reading goes on", path: "/api/v1/models", status: 200},
	})
}

func TestLogin(t *testing.T) {
	r := startTrainer(t, public)
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Accept", aPage}
	play(t, r.running, []scenario{
		{name: "page", path: "/login?next=/models", headers: []string{"Accept", aPage}, status: 200, want: []string{`name="token"`, `value="/models"`}},
		{name: "page that leads elsewhere", path: "/login?next=//evil.example", headers: []string{"Accept", aPage}, status: 200, want: []string{`value="/"`}, unwant: []string{`value="//evil`}},
		{name: "wrong", method: "POST", path: "/login", body: "token=x&next=/train", headers: form, status: 401, header: []string{"Set-Cookie", ""}, want: []string{`aria-invalid="true"`, `value="/train"`}},
		{name: "empty", method: "POST", path: "/login", body: "", headers: form, status: 401},
		{name: "from another site", method: "POST", path: "/login", body: "token=" + theToken, headers: append([]string{"Origin", "https://evil.example"}, form...), status: 403},
		{name: "elsewhere then", method: "POST", path: "/login", body: "next=/%5Cevil.example&token=" + theToken, headers: form, status: 303, header: []string{"Location", "/"}},
	})
	in := r.ask(t, "POST", "/login", strings.NewReader("next=/train&token="+theToken), append(form, "X-Forwarded-Proto", "https")...)
	if in.StatusCode != 303 || in.Header.Get("Location") != "/train" || len(in.Cookies()) != 1 {
		t.Fatalf("login: %d %v", in.StatusCode, in.Header)
	}
	c := in.Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, theToken) {
		t.Errorf("the cookie is %s", c)
	}
	admin := []string{"Cookie", c.Name + "=" + c.Value}
	if a := r.get(t, "/api/v1/corrections?all=1", admin...); a.StatusCode != 200 {
		t.Errorf("logged in: %d", a.StatusCode)
	}
	out := r.ask(t, "POST", "/logout", nil, admin...)
	if out.StatusCode != 303 || len(out.Cookies()) != 1 || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("logout: %d %v", out.StatusCode, out.Header)
	}
}

func TestSessionsEnd(t *testing.T) {
	s := &site{config: Config{Addr: ":80", AdminToken: theToken}}
	end := time.Unix(1_900_000_000, 0)
	value := s.session(end)
	for name, c := range map[string]struct {
		token, value string
		at           time.Time
		want         bool
	}{
		"before the end":   {theToken, value, end.Add(-time.Second), true},
		"at the end":       {theToken, value, end, false},
		"prolonged":        {theToken, "19" + value[1:], end.Add(-time.Second), false},
		"with a new token": {"another", value, end.Add(-time.Second), false},
		"without a token":  {"", value, end.Add(-time.Second), false},
		"nothing":          {theToken, "", end.Add(-time.Second), false},
	} {
		s.config.AdminToken = c.token
		if got := s.isSession(c.value, c.at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"/train": "/train", "/compare?a=1&b=2#x": "/compare?a=1&b=2#x", "": "/", "train": "/", "//evil": "/", "///evil": "/", "https://evil": "/",
		`/\evil`: "/", "/\tevil": "/", "javascript:alert(1)": "/", "/%": "/", "\\/evil": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// TestBehindAProxy: a server on loopback that has a token asks everybody for it,
// by whatever name it is reached.
func TestBehindAProxy(t *testing.T) {
	r := startTrainer(t, withRealPages(), func(p *Program) { p.Versions, p.Config.AdminToken = seedOnly, theToken })
	const all = "/api/v1/corrections?all=1"
	play(t, r.running, []scenario{
		{name: "a stranger", path: all, status: 401},
		{name: "by its public name", path: all, headers: []string{"Host", "rakam.example", "X-Forwarded-For", "192.0.2.1"}, status: 401},
		{name: "a wrong token", path: all, headers: []string{"Authorization", "Bearer x"}, status: 401},
		{name: "the token", path: all, headers: []string{"Host", "rakam.example", "Authorization", "Bearer " + theToken}, status: 200},
		{name: "the way in", path: "/login?next=/train", headers: []string{"Accept", aPage}, status: 200, want: []string{`name="token"`}},
		{name: "in", method: "POST", path: "/login", body: "token=" + theToken, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 303},
		{name: "not in", method: "POST", path: "/login", body: "token=x", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 401},
	})
}

// TestBehindAProxyWithoutAToken: what a proxy passes on is not taken for the person
// at the machine.
func TestBehindAProxyWithoutAToken(t *testing.T) {
	r := startTrainer(t, realPages)
	const all = "/api/v1/corrections?all=1"
	scenarios := []scenario{
		{name: "at the machine", path: all, status: 200},
		{name: "the way in", path: "/login?next=/train", headers: []string{"Accept", aPage, "X-Forwarded-For", "192.0.2.1"}, status: 200},
		{name: "an empty token", method: "POST", path: "/login", body: "token=", headers: []string{"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", "192.0.2.1"}, status: 401},
		{name: "DNS rebinding", path: "/api/v1/models", headers: []string{"Host", "rakam.example"}, status: 421},
	}
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"} {
		scenarios = append(scenarios, scenario{name: name, path: all, headers: []string{name, "x"}, status: 401, want: []string{"problem:unauthorised", "--admin-token"}})
	}
	play(t, r.running, scenarios)
}

func TestAtTheMachine(t *testing.T) {
	r := startTrainer(t)
	play(t, r.running, []scenario{
		{name: "no need to log in", path: "/login?next=/train", headers: []string{"Accept", aPage}, status: 303, header: []string{"Location", "/train"}},
		{name: "nor with a wrong token", path: "/api/v1/corrections?all=1", headers: []string{"Authorization", "Bearer x"}, status: 200},
	})
}
