package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// pixels is an image body with ink in this pixel and, so that there is enough of
// it to be read, in some of the last row; with none at all for -1.
func pixels(n, inked int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = "0"
	}
	if inked >= 0 {
		values[inked] = "1"
		for i := n - 20; i < n; i++ {
			values[i] = "1"
		}
	}
	return `{"image":[` + strings.Join(values, ",") + `]}`
}

// points is a strokes body with one stroke of n points.
func points(n int) string {
	return `{"strokes":[[` + strings.TrimSuffix(strings.Repeat("[1,2],", n), ",") + `]]}`
}

func TestPredict(t *testing.T) {
	r := start(t).ready(t)
	const line = `{"strokes":[[[50,10],[50,40],[50,90]]]}`
	ok := func(name, path, body string, want ...string) scenario {
		return scenario{name: name, method: "POST", path: path, body: body, headers: []string{"Content-Type", "application/json; charset=utf-8"},
			status: 200, header: []string{"Content-Type", "application/json", "Cache-Control", "no-store"}, want: want, unwant: []string{"null,\"verdict\":\"digit"}}
	}
	bad := func(name, body string, status int, want ...string) scenario {
		return scenario{name: name, method: "POST", path: "/api/v1/predict", body: body, headers: []string{"Content-Type", "application/json"},
			status: status, header: []string{"Content-Type", aProblem}, want: append(want, `"hint":"S`), unwant: []string{`"probabilities"`, "json:", "strconv", "predictBody"}}
	}
	hinted := func(s scenario, hint string) scenario {
		s.want[len(s.want)-1] = hint
		return s
	}
	play(t, r, []scenario{
		ok("strokes", "/api/v1/predict", line, `"digit":3`, `"verdict":"digit"`, `"candidates":[]`, `"model":"three"`),
		ok("nothing drawn", "/api/v1/predict", `{"strokes":[]}`, `"digit":null`, `"verdict":"blank"`, `"candidates":[]`, `"probabilities":[0,0,0,0,0,0,0,0,0,0]`),
		ok("a stroke without points", "/api/v1/predict", `{"strokes":[[]]}`, `"verdict":"blank"`),
		ok("a dot", "/api/v1/predict", `{"strokes":[[[0,0]]]}`, `"digit":null`, `"verdict":"little"`),
		ok("a tick, of who knows what size", "/api/v1/predict", `{"strokes":[[[0,0],[1,4]]]}`, `"verdict":"digit"`),
		ok("a tick on a large pad", "/api/v1/predict", `{"strokes":[[[0,0],[1,4]]],"side":400}`, `"verdict":"little"`),
		ok("a tick on a small pad", "/api/v1/predict", `{"strokes":[[[0,0],[1,4]]],"side":5}`, `"verdict":"digit"`),
		ok("the tick again, after pads", "/api/v1/predict", `{"strokes":[[[0,0],[1,4]]]}`, `"verdict":"digit"`),
		ok("two digits", "/api/v1/predict", `{"strokes":[[[0,0],[0,9]],[[7,0],[7,9]]]}`, `"digit":null`, `"verdict":"several"`, `"candidates":[3,3]`),
		ok("little ink", "/api/v1/predict", strings.Replace(pixels(784, -1), "0", "1", 3), `"verdict":"little"`),
		ok("far out", "/api/v1/predict", `{"strokes":[[[-1e9,1e9],[1e9,-1e9]]]}`, `"digit":3`),
		ok("image", "/api/v1/predict", pixels(784, 400), `"digit":3`),
		ok("an image that reaches the network in order", "/api/v1/predict", pixels(784, 0), `"digit":7`),
		ok("a blank image", "/api/v1/predict", pixels(784, -1), `"verdict":"blank"`),
		ok("another version", "/api/v1/predict?model=fournine", line, `"verdict":"unsure"`, `"candidates":[4,9]`, `"model":"fournine"`),
		ok("the other member null", "/api/v1/predict", `{"image":null,"strokes":[]}`, `"verdict":"blank"`),
		ok("the most points", "/api/v1/predict", points(maxPoints), `"verdict":"little"`),

		bad("empty", "", 400, "The body is empty."),
		bad("no JSON", "{strokes}", 400, "not JSON at byte 2"),
		bad("cut off", `{"strokes":[[[1,2`, 400, "ends in the middle"),
		bad("NaN", `{"strokes":[[[NaN,1]]]}`, 400, "not JSON"),
		bad("something after it", `{"strokes":[]}{"strokes":[]}`, 400, "Something follows"),
		bad("a list", `[]`, 422, "of type array"),
		bad("null", `null`, 422, "one of strokes and image"),
		bad("neither", `{}`, 422, "one of strokes and image"),
		bad("both", `{"strokes":[],"image":[]}`, 422, "one of strokes and image"),
		bad("unknown field", `{"strokes":[],"colour":"red"}`, 422, `The field \"colour\" is unknown.`),
		hinted(bad("a side of 0", `{"strokes":[],"side":0}`, 422, "side is not a number above 0"), "side is that of"),
		hinted(bad("a side beyond float64", `{"strokes":[],"side":1e999}`, 422, "side is not a number"), "side is that of"),
		hinted(bad("an image with a side", strings.Replace(pixels(784, 0), "{", `{"side":28,`, 1), 422, "side is not"), "side is that of"),
		hinted(bad("783 pixels", pixels(783, 0), 422, "image has 783 numbers, want 784."), "28 rows of 28"),
		hinted(bad("785 pixels", pixels(785, 0), 422, "image has 785 numbers, want 784."), "28 rows of 28"),
		hinted(bad("no pixels", `{"image":[]}`, 422, "image has 0 numbers"), "28 rows of 28"),
		hinted(bad("pixels of 0 to 255", strings.Replace(pixels(784, 5), "1", "255", 1), 422, "image[5] is not a number from 0 to 1."), "Divide"),
		hinted(bad("a negative pixel", strings.Replace(pixels(784, 5), "1", "-0.1", 1), 422, "image[5]"), "Divide"),
		hinted(bad("a null pixel", strings.Replace(pixels(784, 5), "1", "null", 1), 422, "image[5]"), "Divide"),
		hinted(bad("a pixel in words", strings.Replace(pixels(784, 5), "1", `"1"`, 1), 422, "image[5]"), "Divide"),
		hinted(bad("a pixel beyond float64", strings.Replace(pixels(784, 5), "1", "1e999", 1), 422, "image[5]"), "Divide"),
		bad("rows of pixels are not asked for", `{"image":{"0":1}}`, 422, "image: there is a value of type object"),
		hinted(bad("a coordinate beyond float64", `{"strokes":[[[1,2],[1e999,2]]]}`, 422, "strokes[0][1] is not a pair of numbers"), "A point is"),
		hinted(bad("a coordinate out of range", `{"strokes":[[[1,2]],[[1,-2e9]]]}`, 422, "strokes[1][0] is not a pair"), "A point is"),
		hinted(bad("a null coordinate", `{"strokes":[[[null,2]]]}`, 422, "strokes[0][0] is not a pair"), "A point is"),
		hinted(bad("three coordinates", `{"strokes":[[[1,2,3]]]}`, 422, "strokes[0][0] has 3 numbers, want 2."), "A point is"),
		hinted(bad("one coordinate", `{"strokes":[[[1]]]}`, 422, "strokes[0][0] has 1 numbers"), "A point is"),
		hinted(bad("a null stroke", `{"strokes":[null]}`, 422, "strokes[0] is null"), "A stroke is"),
		bad("points without a stroke", `{"strokes":[[1,2]]}`, 422, "strokes: there is a value of type number, want a list"),
		hinted(bad("too many points", points(maxPoints+1), 422, "more than 100000 points"), "Thin"),
		bad("too long", `{"strokes":[`+strings.Repeat("[],", maxBody/3)+`[]]}`, 413, "larger than 1048576 bytes"),
		bad("too long by blanks after it", `{"strokes":[]}`+strings.Repeat(" ", maxBody), 413, "larger than"),

		{name: "no type", method: "POST", path: "/api/v1/predict", body: line, status: 415, header: []string{"Content-Type", aProblem}, want: []string{"application/json"}},
		{name: "a form", method: "POST", path: "/api/v1/predict", body: line, headers: []string{"Content-Type", "text/plain"}, status: 415},
		{name: "compressed", method: "POST", path: "/api/v1/predict", body: line, headers: []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}, status: 415},
		{name: "no such version", method: "POST", path: "/api/v1/predict?model=five", body: line, headers: []string{"Content-Type", "application/json"}, status: 404, want: []string{"five"}},
		{name: "GET", path: "/api/v1/predict", status: 405, header: []string{"Allow", "OPTIONS, POST"}},
	})
}

// TestHugeBody: 100 MB are refused at once, whether or not they are announced,
// and the server goes on.
func TestHugeBody(t *testing.T) {
	r := start(t).ready(t)
	const huge = 100 << 20
	for _, announced := range []bool{true, false} {
		t.Run(fmt.Sprintf("announced=%t", announced), func(t *testing.T) {
			sent := &counter{r: io.LimitReader(endless{}, huge)}
			request, err := http.NewRequest("POST", r.URL+"/api/v1/predict", sent)
			if err != nil {
				t.Fatal(err)
			}
			if announced {
				request.ContentLength = huge
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := (&http.Transport{}).RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, _ := io.ReadAll(response.Body)
			if response.StatusCode != http.StatusRequestEntityTooLarge || !bytes.Contains(text, []byte(`"hint":"Send one drawing`)) {
				t.Errorf("status %d, body %s", response.StatusCode, text)
			}
			if n := sent.count(); n > huge/4 {
				t.Errorf("%d bytes were taken before the refusal", n)
			}
			if s := r.get(t, "/healthz").StatusCode; s != http.StatusOK {
				t.Errorf("afterwards /healthz is %d", s)
			}
		})
	}
}

// TestLargeBodyOfADeafClient: many clients listen only when they have sent
// everything. They too must hear what was wrong.
func TestLargeBodyOfADeafClient(t *testing.T) {
	r := startTrainer(t).ready(t)
	for _, c := range []struct {
		name, path, header string
		size               int64
	}{
		{"huge", "/api/v1/predict", "", 100 << 20},
		// net/http waits for one of this size itself, unless it closes the connection.
		{"the last of its connection", "/api/v1/corrections", "Connection: close\r\n", 200 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n", c.path, c.header, c.size)
			for range 2 {
				time.Sleep(50 * time.Millisecond) // the answer is there before the body is
				if _, err := io.Copy(conn, io.LimitReader(endless{}, c.size/2)); err != nil {
					t.Fatal(err)
				}
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusRequestEntityTooLarge || !response.Close {
				t.Errorf("status %d, close %t", response.StatusCode, response.Close)
			}
		})
	}
}

// TestHugeBodyIsNotAskedFor: a client that asks first need not send anything.
func TestHugeBodyIsNotAskedFor(t *testing.T) {
	r := start(t).ready(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", 100<<20)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "413") {
		t.Errorf("%q, %v", line, err)
	}
}

// endless is blanks, which JSON allows before it begins.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type counter struct {
	r  io.Reader
	mu sync.Mutex
	n  int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += n
	return n, err
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// TestPredictAtOnce reads many images at the same time; each answer must be that
// of its own image. Run it with -race.
func TestPredictAtOnce(t *testing.T) {
	r := start(t).ready(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 20 {
				body, want := pixels(784, 0), `"digit":7`
				if i%2 == 0 {
					body, want = pixels(784, 500), `"digit":3`
				}
				got, err := http.Post(r.URL+"/api/v1/predict", "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := io.ReadAll(got.Body)
				got.Body.Close()
				if !bytes.Contains(text, []byte(want)) {
					t.Errorf("want %s, got %s", want, text)
				}
			}
		})
	}
	all.Wait()
}
