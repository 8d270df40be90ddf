namespace Migration.Tests.Transport;

/// <summary>The fixtures of this folder run beside each other, and beside no others: they are about times, which a machine at its limit does not keep.</summary>
[SetUpFixture]
[NonParallelizable]
public sealed class Apart;
