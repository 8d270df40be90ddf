namespace Migration.Tests.Engine;

/// <summary>The fixtures of this folder run beside each other, and beside no others: together they wait enough, and the rest has work enough of its own.</summary>
[SetUpFixture]
[NonParallelizable]
public sealed class Apart;
