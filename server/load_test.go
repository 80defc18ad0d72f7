package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What BenchmarkWhileTraining asks for, and for how long.
const (
	askedASecond = 50
	askedFor     = 10 * time.Second
)

// BenchmarkWhileTraining measures how long people wait for the drawing page and for
// the weights, 50 requests a second on loopback, first while nothing is trained
// and then while the seed recipe is, in a server of its own process:
//
//	go test -run '^$' -bench WhileTraining ./server
//
// A request is due at its time whether or not the ones before it are answered, and
// it is from then that it is measured: a server that stalls is not asked less.
func BenchmarkWhileTraining(b *testing.B) {
	r, _ := spawn(b, b.TempDir(), realEnv+"=1")
	champion := r.champion(b)
	paths := map[string]string{"page": "/", "weights": champion.Links["weights"]}
	for _, path := range paths { // nobody waits for what is done once
		if a := r.get(b, path, "Accept-Encoding", "br"); a.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %s (make build?)", path, a.StatusCode, a.Text)
		}
	}
	for b.Loop() {
		b.Log("no run:      ", r.measure(b, paths, "idle"))
		id := r.submit(b, `{"recipe":"seed"}`).ID
		l := r.listen(b, "/api/v1/runs/"+id+"/events")
		for l.next(b).kind != "progress" {
		}
		l.close()
		b.Log("during a run:", r.measure(b, paths, "run"))
		if a := r.send(b, "DELETE", "/api/v1/runs/"+id, ""); a.StatusCode != http.StatusAccepted {
			b.Fatalf("the run did not last: %d %s", a.StatusCode, a.Text)
		}
	}
}

// measure asks for the paths in turn and reports percentiles for each.
func (r *running) measure(b *testing.B, paths map[string]string, when string) string {
	var mu sync.Mutex
	took := map[string][]time.Duration{}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	begun, n := time.Now(), int(askedFor.Seconds()*askedASecond)
	names := []string{"page", "weights"}
	for i := range n {
		due := begun.Add(time.Duration(i) * time.Second / askedASecond)
		time.Sleep(time.Until(due))
		name := names[i%len(names)]
		all.Go(func() {
			if err := fetch(client, r.URL+paths[name]); err != nil {
				b.Errorf("%s: %v", paths[name], err)
			}
			mu.Lock()
			defer mu.Unlock()
			took[name] = append(took[name], time.Since(due))
		})
	}
	all.Wait()
	var lines []string
	for _, name := range names {
		p50, p99 := percentile(took[name], 50), percentile(took[name], 99)
		b.ReportMetric(ms(p50), name+"-p50-ms/"+when)
		b.ReportMetric(ms(p99), name+"-p99-ms/"+when)
		lines = append(lines, fmt.Sprintf("%s p50 %.1f ms, p99 %.1f ms, max %.1f ms", name, ms(p50), ms(p99), ms(slices.Max(took[name]))))
	}
	return strings.Join(lines, "; ")
}

func fetch(client *http.Client, url string) error {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "br")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// percentile is the smallest of all that p percent are not above.
func percentile(all []time.Duration, p int) time.Duration {
	slices.SortFunc(all, cmp.Compare)
	return all[max((len(all)*p+99)/100-1, 0)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
