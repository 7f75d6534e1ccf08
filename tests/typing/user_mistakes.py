"""What a type checker must refuse: each line with `# error` is one error, and no other line is."""

import lambda_destinations as destinations

destinations.NoSuchDestination  # error
destinations.SnsDestination("arn:aws:sns:eu-west-1:111111111111:topic")  # error
destinations.LambdaDestination()  # error
