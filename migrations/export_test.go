package migrations

// testdb imports this package, so tests that need a database are called from
// the external test package.
var (
	TestUpStepByStepOn = testUpStepByStep
	TestManyReplicasOn = testManyReplicas
)
