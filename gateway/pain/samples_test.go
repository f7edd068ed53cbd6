package pain_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/shortwire/shortwire/gateway/pain"
)

// TestSampleReports reads the status reports among the public bank samples,
// which are not part of this repository (docs/samples.md).
func TestSampleReports(t *testing.T) {
	t.Parallel()
	dir := cmp.Or(os.Getenv("SHORTWIRE_SAMPLES"), "../../../shared/samples")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*pain002*.xml"))
	if err != nil || len(files) == 0 {
		t.Skipf("no bank samples in %s: set SHORTWIRE_SAMPLES to their folder to run this test", dir)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		report, err := pain.ReadReport(text)
		if err != nil || len(report.Statuses) != 1 || report.Statuses[0].EndToEndID != "" {
			t.Errorf("%s: %+v, %v", file, report, err)
		}
	}
}
