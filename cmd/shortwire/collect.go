package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeLimit is what a scrape may wait for the database.
const scrapeLimit = 2 * time.Second

func metricDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("shortwire_"+name, help, labels, nil)
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
