package runs

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"rakam/trainer/jet"
)

// natsServer starts a NATS server on loopback; with routes, as a part of a
// cluster that listens for its members at the first of them.
func natsServer(t *testing.T, name string, routes ...*url.URL) *server.Server {
	t.Helper()
	o := &server.Options{
		ServerName: name, Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), Routes: routes,
	}
	if len(routes) > 0 {
		port, err := strconv.Atoi(routes[0].Port())
		if err != nil {
			t.Fatal(err)
		}
		o.Cluster = server.ClusterOpts{Name: "rakam", Host: "127.0.0.1", Port: port}
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

// lone starts a server that is no part of a cluster.
func lone(t *testing.T) *server.Server {
	t.Helper()
	s := natsServer(t, "alone")
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	return s
}

// cluster starts three servers and returns them with their URLs.
func cluster(t *testing.T) (servers []*server.Server, urls string) {
	t.Helper()
	var routes []*url.URL
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: l.Addr().String()})
		l.Close()
	}
	var clients []string
	for i := range 3 {
		// Its own address first; a route to itself is dropped.
		s := natsServer(t, fmt.Sprint("cluster-", i+1), routes[i], routes[(i+1)%3], routes[(i+2)%3])
		servers = append(servers, s)
	}
	for _, s := range servers {
		if !s.ReadyForConnections(20 * time.Second) {
			t.Fatalf("%s does not start", s.Name())
		}
		clients = append(clients, s.ClientURL())
	}
	return servers, strings.Join(clients, ",")
}

// dial opens the store at a URL.
func dial(t *testing.T, url string) *house {
	t.Helper()
	var h *house
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if h, err = open(jet.Options{URL: url}, quick); err == nil { // a cluster has to choose its leader first
			t.Cleanup(func() { h.jet.Close() })
			return h
		}
	}
	t.Fatal(err)
	return nil
}

// TestExternal: two worker processes at a NATS server train two runs at a time;
// one is killed, and the other finishes what it had begun.
func TestExternal(t *testing.T) {
	t.Parallel() // it waits more than it works
	url := lone(t).ClientURL()
	h := dial(t, url)
	one, _ := spawn(t, url)
	two, _ := spawn(t, url)
	h.waiting(t, 2)
	var ids []string
	for _, q := range asked() {
		ids = append(ids, h.submit(t, q).ID)
	}
	a := h.under(t, ids[0])
	b := h.wait(t, ids[1], "taken", func(r Run) bool { return r.State != Queued })
	if a.Worker == b.Worker {
		t.Errorf("worker %s took two runs", a.Worker)
	}
	killed := one
	if strings.Contains(a.Worker, fmt.Sprintf("-%d-", two.Process.Pid)) {
		killed = two
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h.checkWhole(t, ids)
	if run, err := h.Get(t.Context(), ids[0]); err != nil || run.Attempt < 2 || run.Worker == a.Worker {
		t.Errorf("the run of the killed worker was finished by %s, attempt %d (%v)", run.Worker, run.Attempt, err)
	}
}

// TestCluster: one of three NATS servers, the one the worker talks to, is
// stopped in the middle of a run.
func TestCluster(t *testing.T) {
	t.Parallel() // it waits more than it works
	servers, urls := cluster(t)
	h := dial(t, urls)
	if info, err := h.queue.Info(t.Context()); err != nil || info.Config.Replicas != 3 {
		t.Fatalf("the queue is kept %d times (%v)", info.Config.Replicas, err)
	}
	var ids []string
	for _, q := range asked()[:3] {
		ids = append(ids, h.submit(t, q).ID)
	}
	w := h.worker()
	w.Interval = 100 * time.Millisecond
	w.Yield = func() { time.Sleep(10 * time.Millisecond) }
	start(t, w)
	h.under(t, ids[0])
	name := h.jet.Conn.ConnectedServerName()
	for _, s := range servers {
		if s.Name() == name {
			t.Logf("%s is stopped", s.Name())
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
	h.checkWhole(t, ids)
}
