package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rakam/trainer/runs"
)

// metrics are the server's own numbers. Labels come from closed sets, never from
// a request's raw path or method, so that nobody can make them grow.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	readings *prometheus.CounterVec
	serve    echo.HandlerFunc
}

func newMetrics(s *site) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rakam_http_requests_total",
			Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "rakam_http_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9), // 0.1 ms … 6.6 s
		}, []string{"method", "route"}),
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rakam_readings_total",
			Help: "Drawings and images read by the predict endpoint.",
		}, []string{"model", "verdict"}),
	}
	registry := prometheus.NewRegistry()
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rakam_event_streams",
		Help: "Pages and programs that listen to events now.",
	}, func() float64 { return float64(s.audience.size()) })
	registry.MustRegister(m.requests, m.duration, m.readings, streams, &runsCollector{site: s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve = echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return m
}

var countedMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
	http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// request counts one answer; route is the pattern that matched, "" for none.
func (m *metrics) request(method, route string, status int, took time.Duration) {
	if !slices.Contains(countedMethods, method) {
		method = "other"
	}
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// runsCollector counts the runs when somebody asks: other processes change them.
type runsCollector struct {
	*site

	mu   sync.Mutex
	last tally
	err  error // instead of last
	at   time.Time
}

// tally is how many runs there are by their state, and how many of them wait.
type tally struct {
	byState map[runs.State]int
	waiting int
}

// tallyAge is for how long the runs are not counted again: to count them all of
// them are read, whoever asks.
const tallyAge = 5 * time.Second

var (
	runsByState = prometheus.NewDesc("rakam_runs", "Runs by state.", []string{"state"}, nil)
	queueLength = prometheus.NewDesc("rakam_queue_length", "Runs that wait for a worker.", nil, nil)
)

// Describe names the numbers.
func (*runsCollector) Describe(names chan<- *prometheus.Desc) {
	names <- runsByState
	names <- queueLength
}

// Collect reads them. Without an answer of the store they are missing, not 0.
func (r *runsCollector) Collect(numbers chan<- prometheus.Metric) {
	if r.store() != nil {
		return
	}
	count, err := r.tally(time.Now())
	if err != nil {
		r.log.Warn("the runs could not be counted", "error", err.Error())
		return
	}
	for _, state := range []runs.State{runs.Queued, runs.Running, runs.Done, runs.Failed, runs.Cancelled} {
		numbers <- prometheus.MustNewConstMetric(runsByState, prometheus.GaugeValue, float64(count.byState[state]), string(state))
	}
	numbers <- prometheus.MustNewConstMetric(queueLength, prometheus.GaugeValue, float64(count.waiting))
}

// tally counts the runs, or tells what it counted last.
func (r *runsCollector) tally(now time.Time) (tally, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() && now.Sub(r.at) < tallyAge {
		return r.last, r.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := r.runs().List(ctx)
	r.last, r.err, r.at = tally{byState: map[runs.State]int{}}, err, now
	for _, run := range all {
		r.last.byState[run.State]++
		r.last.waiting = max(r.last.waiting, run.Place)
	}
	return r.last, r.err
}
