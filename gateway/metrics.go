package gateway

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the door's own. Labels have few values: the route is the pattern,
// never the path, and an invented method counts as "other".
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	polls    prometheus.Gauge
	items    *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shortwire_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "shortwire_http_request_duration_seconds", Help: "Time from the headers to the answer, long polls included.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9), // 0.5 ms to 33 s
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "shortwire_http_requests_in_flight", Help: "Requests being answered now.",
		}),
		polls: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "shortwire_http_long_polls", Help: "Requests waiting for news now.",
		}),
		items: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shortwire_bank_items_total", Help: "Transfers that bank jobs posted, by outcome.",
		}, []string{"account", "outcome"}),
	}
	registry.MustRegister(m.requests, m.duration, m.inFlight, m.polls, m.items)
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	if !slices.Contains(fiber.DefaultMethods, method) {
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// metricsPage serves the registry.
func (s *Server) metricsPage() fiber.Handler {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.config.Metrics, promhttp.HandlerOpts{}))
}
