#!/bin/bash
# Ten tests of the installation. Test 7 asks for samples and not only for a discovered target, so that
# it fails while the scrapes of Django are refused.
NAMESPACE=jewelry-shop
PASSED=0
FAILED=0

ask() {
  kubectl exec -n $NAMESPACE deploy/prometheus -- wget -qO- "http://localhost:9090$1" 2> /dev/null
}

check() {
  if [ "$2" -eq 0 ]; then
    echo "✅ $1"
    PASSED=$((PASSED + 1))
  else
    echo "❌ $1"
    FAILED=$((FAILED + 1))
  fi
}

kubectl get pods -n $NAMESPACE -l app=prometheus | grep -q Running
check "Test 1: Prometheus pod is running" $?

kubectl get service prometheus -n $NAMESPACE > /dev/null 2>&1
check "Test 2: Prometheus service exists" $?

[ "$(kubectl get pvc prometheus-storage -n $NAMESPACE -o jsonpath='{.status.phase}')" = "Bound" ]
check "Test 3: PersistentVolumeClaim is bound" $?

ask /-/healthy | grep -q Healthy
check "Test 4: Prometheus health check passed" $?

ask /-/ready | grep -q Ready
check "Test 5: Prometheus readiness check passed" $?

ask /api/v1/targets | grep -q '"activeTargets":\[{'
check "Test 6: Prometheus service discovery is working" $?

ask "/api/v1/query?query=up{job='django'}==1" | grep -q '"result":\[{'
check "Test 7: Django metrics are being scraped" $?

kubectl get configmap prometheus-config -n $NAMESPACE -o jsonpath='{.data.prometheus\.yml}' > /tmp/prometheus.yml
promtool check config --syntax-only /tmp/prometheus.yml > /dev/null 2>&1
check "Test 8: Prometheus configuration is valid" $?

kubectl get clusterrolebinding prometheus > /dev/null 2>&1
check "Test 9: Prometheus ClusterRoleBinding exists" $?

kubectl exec -n $NAMESPACE deploy/prometheus -- ls /prometheus > /dev/null 2>&1
check "Test 10: Prometheus storage is available" $?

echo ""
echo "$PASSED passed, $FAILED failed"
[ $FAILED -eq 0 ]
