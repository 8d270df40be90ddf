namespace Migration.Sagas.Limits;

/// <summary>Who waits for a slot: live changes first, but bulk work gets every fourth. Not safe for concurrent use: its limiter locks.</summary>
sealed class SlotQueue
{
    const int LiveInARow = 3;

    readonly LinkedList<Waiter> _live = [];
    readonly LinkedList<Waiter> _bulk = [];
    int _liveInARow;

    public int Count => _live.Count + _bulk.Count;

    public Waiter Add(bool isLive)
    {
        var waiter = new Waiter();
        (isLive ? _live : _bulk).AddLast(waiter.Node);
        return waiter;
    }

    /// <summary>False when nobody waits.</summary>
    public bool TryGrant()
    {
        var isLivesTurn = _live.Count > 0 && (_bulk.Count == 0 || _liveInARow < LiveInARow);
        var line = isLivesTurn ? _live : _bulk;
        if (line.First is not { } first)
            return false;
        line.Remove(first);
        _liveInARow = isLivesTurn ? _liveInARow + 1 : 0;
        first.Value.Grant();
        return true;
    }

    public sealed class Waiter
    {
        readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter() => Node = new(this);

        public LinkedListNode<Waiter> Node { get; }

        public Task Granted => _granted.Task;

        public void Grant() => _granted.TrySetResult();

        /// <summary>False when the slot was granted already.</summary>
        public bool GiveUp()
        {
            if (Node.List is not { } line)
                return false;
            line.Remove(Node);
            return true;
        }
    }
}
