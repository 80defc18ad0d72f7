package jet_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		createForEver(dir)
		return
	}
	os.Exit(m.Run())
}

// quiet is a log that nobody reads: tests here break what they use.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func open(t *testing.T, o jet.Options) *jet.Jet {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	j, err := jet.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, j) })
	return j
}

func shut(t *testing.T, j *jet.Jet) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// eachStore runs a test with the embedded server and with one that is reached by
// URL.
func eachStore(t *testing.T, test func(*testing.T, jet.Options)) {
	t.Parallel() // they wait for the disk most of the time
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, jet.Options{Dir: t.TempDir()}) })
	t.Run("url", func(t *testing.T) {
		t.Parallel()
		test(t, jet.Options{URL: serve(t, server.Options{JetStream: true}).ClientURL()})
	})
}

// serve starts a NATS server as others run it.
func serve(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoLog, o.NoSigs = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	if o.StoreDir == "" {
		o.StoreDir = t.TempDir()
	}
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { stop(s) })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server did not start")
	}
	return s
}

func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// cluster starts three servers that know each other and waits until they have
// chosen a leader.
func cluster(t *testing.T) []*server.Server {
	t.Helper()
	var routes []string
	var ports []int
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		routes = append(routes, "nats://"+l.Addr().String())
		l.Close()
	}
	var all []*server.Server
	for i, port := range ports {
		o := server.Options{ServerName: fmt.Sprint("n", i), JetStream: true, Routes: server.RoutesFromStr(strings.Join(routes, ","))}
		o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "three", "127.0.0.1", port
		all = append(all, serve(t, o))
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, s := range all {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == 3 {
				return all
			}
		}
	}
	t.Fatal("the cluster has no leader")
	return nil
}

func keyValue(t *testing.T, j *jet.Jet, kv jet.KV) jetstream.KeyValue {
	t.Helper()
	b, err := j.KeyValue(t.Context(), kv)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func objects(t *testing.T, j *jet.Jet) *jet.Objects {
	t.Helper()
	o, err := j.Objects(t.Context(), "files")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func put(t *testing.T, kv jetstream.KeyValue, key, value string) uint64 {
	t.Helper()
	revision, err := kv.PutString(t.Context(), key, value)
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func wantValue(t *testing.T, kv jetstream.KeyValue, key, want string) {
	t.Helper()
	e, err := kv.Get(t.Context(), key)
	if err != nil || string(e.Value()) != want {
		t.Errorf("%s: %v, want %s", key, err, want)
	}
}
