using System.Collections.Concurrent;
using MassTransit;

namespace Migration.Sagas.Startup;

/// <summary>Waits until this process has received a message from each of some queues.</summary>
sealed class Arrivals(IReadOnlyCollection<string> queues) : IReceiveObserver
{
    readonly ConcurrentDictionary<string, bool> _awaited = new(queues.Distinct(StringComparer.Ordinal).Select(x => KeyValuePair.Create(x, true)), StringComparer.Ordinal);
    readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task All => _all.Task;

    public Task PostReceive(ReceiveContext context)
    {
        foreach (var queue in _awaited.Keys.Where(x => context.InputAddress.AbsolutePath.EndsWith(x, StringComparison.Ordinal))) // a scope may stand before it
            _awaited.TryRemove(queue, out _);
        if (_awaited.IsEmpty)
            _all.TrySetResult();
        return Task.CompletedTask;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}
