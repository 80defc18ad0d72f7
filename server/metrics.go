package main

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the server's own numbers. Labels come from closed sets, never from
// a request's raw path or method, so that nobody can make them grow.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	readings *prometheus.CounterVec
	serve    echo.HandlerFunc
}

func newMetrics() *metrics {
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
	registry.MustRegister(m.requests, m.duration, m.readings,
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
